// What each shell is told: to ask `tidewire complete` for lines of a word, a tab and what it means. A word of `<file>` stands for the
// files that there are.

const bash = `# tidewire completion bash
_tidewire() {
  local word words line
  # In bash a colon and an equals sign are words of their own: the line up to the cursor is split at blanks instead.
  line=\${COMP_LINE:0:COMP_POINT}
  read -ra words <<<"$line"
  word=
  if [[ $line == *[![:space:]] ]]; then word=\${words[-1]}; else words+=(''); fi
  COMPREPLY=()
  local value says
  while IFS=$'\\t' read -r value says; do
    if [[ $value == '<file>' ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$word")
    else
      COMPREPLY+=("$value")
      [[ $value == *= ]] && compopt -o nospace 2>/dev/null
    fi
  done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _tidewire tidewire
`;

const zsh = `#compdef tidewire
# tidewire completion zsh
_tidewire() {
  local value says
  local -a found
  while IFS=$'\\t' read -r value says; do
    if [[ $value == '<file>' ]]; then _files; else found+=("\${value//:/\\\\:}:$says"); fi
  done < <("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#found )) && _describe -t tidewire tidewire found
}
compdef _tidewire tidewire
`;

const fish = `# tidewire completion fish
function __tidewire_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
    if string match -q '<file>*' -- $line
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c tidewire -f -a '(__tidewire_complete)'
`;

export const shells = { bash, zsh, fish } as const;
