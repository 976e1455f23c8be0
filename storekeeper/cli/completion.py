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


def _options() -> Iterator[tuple[str, str, list[Action]]]:
    """(command, its line, its options that begin with a dash) of every command."""
    from . import COMMANDS, options_of

    for name, (_, line) in COMMANDS.items():
        parser = options_of(name)
        yield name, line, list(parser._actions)


def _words() -> list[str]:
    from ..trust.sources import known_sources

    return [word.split(":")[0] + (":" if ":" in word else "") for word, _ in known_sources()]


def _choices(actions: list[Action]) -> list[str]:
    return [str(c) for a in actions if not a.option_strings for c in a.choices or ()]


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def bash() -> str:
    """The script for bash: options after a dash, else source words and files."""
    cases = []
    names = []
    for name, _, actions in _options():
        names.append(name)
        flags = " ".join(flag for action in actions for flag in action.option_strings)
        words = " ".join(
            _choices(actions) or (_words() if name in ("list", "show", "diff") else [])
        )
        cases.append(f"    {name}) flags={_quote(flags)}; words={_quote(words)} ;;")
        for action in actions:
            for flag in action.option_strings if action.choices else ():
                values = " ".join(map(str, action.choices or ()))
                cases.insert(0, f"    {name}/{flag}) flags=; words={_quote(values)} ;;")
    lines = "\n".join(cases)
    return f"""\
# bash completion of storekeeper; made by: storekeeper completion bash
_storekeeper() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} flags words
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W {_quote(" ".join([*names, "--help", "--version"]))} -- "$current"))
    return
  fi
  case "${{COMP_WORDS[1]}}/$previous" in
{chr(10).join(line for line in lines.splitlines() if "/--" in line) or "    none) ;;"}
    *) case "${{COMP_WORDS[1]}}" in
{chr(10).join(line for line in lines.splitlines() if "/--" not in line)}
    esac ;;
  esac
  if [ "${{current#-}}" != "$current" ]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
  fi
}}
complete -o filenames -F _storekeeper storekeeper
"""


def zsh() -> str:
    """The script for zsh."""
    described = []
    cases = []
    for name, line, actions in _options():
        described.append(f"    {_quote(f'{name}:{line}')}")
        specs = []
        for action in actions:
            text = (action.help or "").replace("[", "(").replace("]", ")").replace(":", " ")
            values = (
                f":value:({' '.join(map(str, action.choices))})" if action.choices else ":value:"
            )
            after = "" if action.nargs == 0 else values
            specs += [_quote(f"*{flag}[{text}]{after}") for flag in action.option_strings]
        words = " ".join(
            _choices(actions) or (_words() if name in ("list", "show", "diff") else [])
        )
        escaped = words.replace(":", "\\:")
        specs.append(
            _quote(f"*:store:{{ compadd -- {escaped}; _files }}" if words else "*:file:_files")
        )
        cases.append(f"    {name}) _arguments {' '.join(specs)} ;;")
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
    for name, line, actions in _options():
        lines.append(
            f"complete -c storekeeper -n __fish_use_subcommand -f -a {name} -d {_fish(line)}"
        )
        seen = f"'__fish_seen_subcommand_from {name}'"
        words = _choices(actions) or (_words() if name in ("list", "show", "diff") else [])
        if words:
            lines.append(f"complete -c storekeeper -n {seen} -a {_fish(' '.join(words))}")
        for action in actions:
            if not action.option_strings:
                continue
            parts = [f"complete -c storekeeper -n {seen}"]
            parts += [
                f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
                for flag in action.option_strings
            ]
            if action.choices:
                parts.append(f"-xa {_fish(' '.join(map(str, action.choices)))}")
            elif action.nargs != 0:
                parts.append("-r")
            parts.append(f"-d {_fish(action.help or '')}")
            lines.append(" ".join(parts))
    return "\n".join(lines) + "\n"


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
