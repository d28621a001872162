# SPDX-License-Identifier: Apache-2.0
import warnings

# Libraries import eventlet where it is installed. The programs use threads.
warnings.filterwarnings('ignore', message=r'\s*Eventlet is deprecated')
