# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud completion bash and names.

The script of ``openstack complete`` knows commands and options. After those it
completes files, and has no place for names of a service. So this script stands
before it: it completes names where the parsers have a stack or a cloud, and
leaves everything else to the other.
"""

import itertools

from heat_spreader.osc import command

# Names among more than that are typed, not chosen.
MOST = 1000
# What is completed, by how the parsers call the value.
_KINDS = {'<stack>': 'stacks', '<cloud>': 'clouds'}
_OF_CLOUD = '<cloud>='
_MANY = ('+', '*')

# No name is ever expanded: it may have any characters that can be seen.
_SCRIPT = r"""# Names of stacks and clouds for @PROGRAM@ in bash.

# Sets kind: what a word is, by its command and its option or number.
@FUNCTION@_kind() {
  case "$1" in
@KINDS@
    *) return 1 ;;
  esac
}

@FUNCTION@_is_command() {
  case "$1" in
    @COMMANDS@) return 0 ;;
  esac
  return 1
}

# Sets names: those of a kind, kept for half a minute.
@FUNCTION@_list() {
  local key="$* ${OS_CLOUD-} ${OS_AUTH_URL-} ${OS_PROJECT_ID-}"
  key+=" ${OS_PROJECT_NAME-} ${HEAT_SPREADER_CONFIG_FILE-}"
  if [[ $key != "$@FUNCTION@_key" || $SECONDS -ge $@FUNCTION@_until ]]; then
    @FUNCTION@_names=$("${@:2}" @SELF@ "$1" 2>/dev/null </dev/null)
    @FUNCTION@_key=$key @FUNCTION@_until=$((SECONDS + 30))
  fi
  names=$@FUNCTION@_names
}

@FUNCTION@_complete() {
  local words=() global=() command='' option='' kind='' names='' number=1
  local word glue='' value inside='' quoted
  # bash splits words at an equals sign.
  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ -n $glue || $word == = ]] && ((${#words[@]})); then
      words[${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    glue=''
    if [[ $word == = ]]; then glue=1; fi
  done
  value=${words[${#words[@]}-1]}
  for word in "${words[@]:1:${#words[@]}-2}"; do
    if [[ $word == @FIRST@ ]]; then inside=1; fi
    if [[ -z $inside ]]; then
      global+=("$word")
    elif [[ -n $option ]]; then
      option=''
    elif [[ $word == -* ]]; then
      if [[ $word != *=* ]] && @FUNCTION@_kind "$command $word"; then
        option=$word
      fi
    elif ((number == 1)) && @FUNCTION@_is_command "$command $word"; then
      command+=" $word"
    else
      ((number++))
    fi
  done
  kind=''
  if [[ -n $option ]]; then
    @FUNCTION@_kind "$command $option"
  elif [[ $value == -*=* ]]; then
    @FUNCTION@_kind "$command ${value%%=*}"
    value=${value#*=}
  elif [[ $value != -* ]]; then
    @FUNCTION@_kind "$command $number"
  fi
  COMPREPLY=()
  case $kind in
    stacks | clouds) ;;
    clouds=)
      if [[ $value == *=* ]]; then return; fi
      compopt -o nospace 2>/dev/null
      ;;
    *)
      if declare -F @OTHER@ >/dev/null; then @OTHER@ "$@"; fi
      return
      ;;
  esac
  @FUNCTION@_list "${kind%=}" "$1" "${global[@]}"
  while IFS= read -r word; do
    if [[ -n $word && $word == "$value"* ]]; then
      printf -v quoted %q "$word"
      COMPREPLY+=("$quoted${kind##*s}")
    fi
  done <<<"$names"
  compopt +o default 2>/dev/null
}

complete -o default -F @FUNCTION@_complete @PROGRAM@
"""


class PrintNames(command.Command):
    """Print the names of stacks or clouds, one a line

    It takes only one request.
    """

    prints_text = True

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'kind',
            choices=['stacks', 'clouds'],
            help=f'What to name; at most {MOST} are printed',
        )
        return parser

    def take_action(self, parsed_args):
        if parsed_args.kind == 'stacks':
            found = self.client.stacks(sort_key='name', limit=MOST)
        else:
            found = self.client.clouds()
        for each in itertools.islice(found, MOST):
            self.app.stdout.write(f'{each.name}\n')


class PrintScript(command.Command):
    """Print a script that completes the names of stacks and clouds in bash

    Load it after the script that the command "complete" prints.
    """

    prints_text = True
    # It asks no service.
    auth_required = False

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--name',
            metavar='<command>',
            help='Name of the command to complete (default: the name of this '
            'one)',
        )
        return parser

    def take_action(self, parsed_args):
        self.app.stdout.write(self._script(parsed_args.name or self.app.NAME))

    def _script(self, program):
        # All our commands begin as this one does.
        family = self.cmd_name.removesuffix('completion bash').strip()
        parsers = dict(self._parsers(f'{family} '.lstrip()))
        values = {
            'PROGRAM': program,
            'OTHER': f'_{program.replace("-", "_")}',
            'FUNCTION': f'_multicloud_{program.replace("-", "_")}',
            'SELF': f'{family} completion names'.lstrip(),
            'FIRST': family or '[!-]*',
            'COMMANDS': ' | '.join(_parts_of(parsers)),
            'KINDS': '\n'.join(
                line
                for name, parser in parsers.items()
                for line in _cases(name, parser)
            ),
        }
        text = _SCRIPT
        for name, value in values.items():
            text = text.replace(f'@{name}@', value)
        return text

    def _parsers(self, beginning):
        manager = self.app.command_manager
        for name in sorted(name for name, _ in manager):
            if name.startswith(beginning):
                factory, *_ = manager.find_command(name.split())
                yield name, factory(self.app, None).get_parser(name)


def _parts_of(names):
    """Patterns for the commands, and for what they begin with."""
    parts = {
        ' '.join(words[: length + 1])
        for words in map(str.split, names)
        for length in range(len(words))
    }
    return [f"' {part}'" for part in sorted(parts)]


def _cases(name, parser):
    """Lines of a case: the values that a command takes, by their kind."""
    patterns, number = {}, 0
    for action in parser._actions:
        if action.nargs == 0:
            continue
        words = action.option_strings
        if not words:
            number += 1
            words = [f'{number}']
        kind = _kind(action)
        found = [f"' {name} {word}'" for word in words]
        if not action.option_strings and action.nargs in _MANY:
            found = [f"' {name} '[0-9]*"]
        patterns.setdefault(kind, []).extend(found)
    for kind, found in patterns.items():
        yield f'    {" | ".join(found)}) kind={kind} ;;'


def _kind(action):
    metavar = action.metavar or ''
    if metavar.startswith(_OF_CLOUD):
        return 'clouds='
    return _KINDS.get(metavar, 'other')
