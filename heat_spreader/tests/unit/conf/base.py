# SPDX-License-Identifier: Apache-2.0
"""The options of every group, without files."""

from oslo_config import cfg

from heat_spreader.conf import opts


def make_conf(*args):
    conf = cfg.ConfigOpts()
    opts.register_opts(conf)
    conf(list(args), default_config_files=[], default_config_dirs=[])
    return conf
