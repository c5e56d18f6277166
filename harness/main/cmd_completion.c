/*
 * `mxdrill completion SHELL` prints what the shell reads once; that asks
 * `mxdrill completion words AT WORD...` at each press of the key.
 */
#include <stdio.h>
#include <string.h>

#include "harness/main/cmd.h"
#include "harness/main/complete.h"
#include "harness/main/options.h"

/*
 * bash cuts words at "=" and ":" and replaces the last piece alone: so the
 * words are taken from the line itself, and what stands before that piece is
 * left out of the answers.
 */
const char complete_bash[] =
"# bash completion of mxdrill, made by: mxdrill completion bash\n"
"_mxdrill()\n"
"{\n"
"	local line=${COMP_LINE:0:COMP_POINT} piece=${COMP_WORDS[COMP_CWORD]}\n"
"	local -a words\n"
"	local word typed skip\n"
"\n"
"	read -ra words <<<\"$line\"\n"
"	[[ $line == *[[:blank:]] ]] && words+=('')\n"
"	typed=${words[-1]}\n"
"	[[ $piece == [:=]* && $piece != \"$typed\" ]] && piece=${piece:1}\n"
"	skip=${typed%\"$piece\"}\n"
"	COMPREPLY=()\n"
"	while IFS=$'\\t' read -r word _; do\n"
"		case $word in\n"
"		:files | :folders)\n"
"			compopt -o filenames 2>/dev/null\n"
"			[[ $word == :files ]] && word=-f || word=-d\n"
"			mapfile -t -O ${#COMPREPLY[@]} COMPREPLY \\\n"
"			    < <(compgen \"$word\" -- \"$piece\") ;;\n"
"		*)	COMPREPLY+=(\"${word:${#skip}}\") ;;\n"
"		esac\n"
"	done < <(\"${words[0]}\" completion words $((${#words[@]} - 1)) \\\n"
"	    \"${words[@]}\" 2>/dev/null)\n"
"	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:=/,] ]] &&\n"
"		compopt -o nospace 2>/dev/null\n"
"	return 0\n"
"}\n"
"complete -F _mxdrill mxdrill\n";

const char complete_zsh[] =
"#compdef mxdrill\n"
"# zsh completion of mxdrill, made by: mxdrill completion zsh\n"
"_mxdrill()\n"
"{\n"
"	local -a whole whole_help open open_help\n"
"	local line word help\n"
"\n"
"	for line in ${(f)\"$(${words[1]} completion words $((CURRENT - 1)) \\\n"
"	    ${words[1,CURRENT]} 2>/dev/null)\"}; do\n"
"		word=${line%%$'\\t'*}\n"
"		help=${line#*$'\\t'}\n"
"		[[ -n $help ]] && help=\"$word  -- $help\" || help=$word\n"
"		case $word in\n"
"		:files)	_files ;;\n"
"		:folders) _files -/ ;;\n"
"		*[:=/,]) open+=($word); open_help+=($help) ;;\n"
"		*)	whole+=($word); whole_help+=($help) ;;\n"
"		esac\n"
"	done\n"
"	(( $#whole )) && compadd -d whole_help -- $whole\n"
"	(( $#open )) && compadd -S '' -d open_help -- $open\n"
"	return 0\n"
"}\n"
"if [[ $funcstack[1] == _mxdrill ]]; then\n"
"	_mxdrill \"$@\"\n"
"else\n"
"	compdef _mxdrill mxdrill\n"
"fi\n";

static int
print_words(int argc, char **argv)
{
	struct sbuf b = { 0 };
	uint64_t at;

	if (argc < 4 || !option_number(argv[2], 0, (uint64_t)argc - 3, &at))
		return usage_error("completion", "expected \"completion "
		    "words AT WORD...\"");
	complete_words(&b, argv + 3, argc - 3, (int)at);
	fwrite(sbuf_str(&b), 1, b.len, stdout);
	sbuf_fini(&b);
	return EXIT_AS_EXPECTED;
}

int
cmd_completion(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "words") == 0)
		return print_words(argc, argv);
	if (argc != 2)
		return usage_error("completion", "for which shell?");
	if (strcmp(argv[1], "bash") == 0)
		fputs(complete_bash, stdout);
	else if (strcmp(argv[1], "zsh") == 0)
		fputs(complete_zsh, stdout);
	else
		return usage_error("completion", "there is none for \"%s\"",
		    argv[1]);
	return EXIT_AS_EXPECTED;
}
