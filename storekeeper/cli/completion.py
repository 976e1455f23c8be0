"""``storekeeper completion``: scripts made from the commands' own parsers."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Action, ArgumentParser, Namespace
    from collections.abc import Iterator

EPILOG = """
examples:
  storekeeper completion bash > ~/.local/share/bash-completion/completions/storekeeper
  storekeeper completion zsh > "${fpath[1]}/_storekeeper"
  storekeeper completion fish > ~/.config/fish/completions/storekeeper.fish
"""

SHELLS = ("bash", "zsh", "fish")


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("shell", choices=SHELLS, help="the shell the script is for")


def run(args: Namespace) -> int:
    """Print the script."""
    sys.stdout.write({"bash": bash, "zsh": zsh, "fish": fish}[args.shell]())
    return 0


class _Command:
    """What can be completed after a command's name.

    Attributes:
        name, line: the command and what it does.
        options: those that begin with a dash.
        words: what can stand by itself: words for stores, or a shell's name.
        files: whether a file can stand there as well.
    """

    def __init__(self, name: str, line: str, actions: list[Action]) -> None:
        self.name = name
        self.line = line
        self.options = [action for action in actions if action.option_strings]
        positional = [action for action in actions if not action.option_strings]
        chosen = [str(choice) for action in positional for choice in action.choices or ()]
        self.files = bool(positional) and not chosen
        self.words = chosen or (_stores() if positional else [])


def _commands() -> Iterator[_Command]:
    from . import COMMANDS, options_of

    for name, (_, line) in COMMANDS.items():
        yield _Command(name, line, list(options_of(name)._actions))


def _stores() -> list[str]:
    from ..trust.sources import known_sources

    return [word.split(":")[0] + (":" if ":" in word else "") for word, _ in known_sources()]


def _values(action: Action) -> list[str]:
    """Words for the value of an option; none when it can be anything."""
    if action.choices:
        return [str(choice) for choice in action.choices]
    if action.dest.endswith("storepass"):
        from ..host.passwords import FORMS

        forms = FORMS.replace(" or ", ", ").split(", ")
        return [form.split(":")[0] + (":" if ":" in form else "") for form in forms]
    return []


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def bash() -> str:
    """The script for bash: options after a dash, else source words and files."""
    values = []
    cases = []
    names = []
    for command in _commands():
        names.append(command.name)
        flags = " ".join(flag for action in command.options for flag in action.option_strings)
        files = "yes" if command.files else ""
        cases.append(
            f"    {command.name}) flags={_quote(flags)}; words={_quote(' '.join(command.words))}; "
            f"files={files} ;;"
        )
        for action in command.options:
            if action.nargs != 0:
                after = "|".join(f"{command.name}/{flag}" for flag in action.option_strings)
                values.append(f"    {after}) words={_quote(' '.join(_values(action)))} ;;")
    newline = "\n"
    return f"""\
# bash completion of storekeeper; made by: storekeeper completion bash
_storekeeper() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local flags= words= files= file
  case "${{COMP_WORDS[1]}}/$previous" in
{newline.join(values)}
    *) case "${{COMP_WORDS[1]}}" in
{newline.join(cases)}
    esac ;;
  esac
  [ "$COMP_CWORD" -gt 1 ] || words={_quote(" ".join(names))} flags='--help --version' files=
  case $current in -?*) words=$flags files= ;; esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ -n "$files" ]; then
    while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$current")
  fi
}}
complete -o filenames -F _storekeeper storekeeper
"""


def zsh() -> str:
    """The script for zsh."""
    described = []
    cases = []
    for command in _commands():
        described.append(f"    {_quote(f'{command.name}:{command.line}')}")
        specs = []
        for action in command.options:
            text = (action.help or "").partition(";")[0].replace("[", "(").replace("]", ")")
            # A colon ends a part of the specification.
            values = " ".join(_values(action)).replace(":", "\\:")
            after = "" if action.nargs == 0 else f":value:({values})" if values else ":value: "
            specs += [_quote(f"*{flag}[{text}]{after}") for flag in action.option_strings]
        if command.words:
            files = "; _files" if command.files else ""
            specs.append(_quote(f"*:store:{{ compadd -- {' '.join(command.words)}{files} }}"))
        cases.append(f"    {command.name}) _arguments {' '.join(specs)} ;;")
    return f"""\
#compdef storekeeper
# zsh completion of storekeeper; made by: storekeeper completion zsh
_storekeeper() {{
  local -a commands
  commands=(
{chr(10).join(described)}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{chr(10).join(cases)}
  esac
}}
if [ "$funcstack[1]" = "_storekeeper" ]; then
  _storekeeper "$@"
else
  compdef _storekeeper storekeeper
fi
"""


def fish() -> str:
    """The script for fish."""
    lines = ["# fish completion of storekeeper; made by: storekeeper completion fish"]
    for command in _commands():
        lines.append(
            f"complete -c storekeeper -n __fish_use_subcommand -f -a {command.name} "
            f"-d {_fish(command.line)}"
        )
        seen = f"complete -c storekeeper -n '__fish_seen_subcommand_from {command.name}'"
        if not command.files:
            lines.append(f"{seen} -f")
        if command.words:
            lines.append(f"{seen} -a {_fish(' '.join(command.words))}")
        for action in command.options:
            parts = [seen]
            parts += [
                f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
                for flag in action.option_strings
            ]
            if action.nargs != 0:
                parts.append("-x")
            if _values(action):
                parts.append(f"-a {_fish(' '.join(_values(action)))}")
            parts.append(f"-d {_fish(action.help or '')}")
            lines.append(" ".join(parts))
    return "\n".join(lines) + "\n"


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
