using System.Text;
using System.Text.RegularExpressions;

namespace GrainSensors.Architecture.Tests.Documents;

/// <summary>Splits a line of a shell into its commands and their words, as far as documents need it.</summary>
internal sealed partial class ShellLine
{
    private readonly List<IReadOnlyList<string>> _commands = [];
    private readonly StringBuilder _word = new();
    private List<string> _words = [];
    private bool _hasWord;
    private bool _skipsNext;

    private ShellLine()
    {
    }

    /// <returns>The words of each command, without prompt, environment assignments, redirections and comments.</returns>
    public static IReadOnlyList<IReadOnlyList<string>> Commands(string line)
    {
        var shell = new ShellLine();
        shell.Read(Prompt().Replace(line, ""));
        shell.EndCommand();
        return shell._commands;
    }

    private void Read(string line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case '\'' or '"' when line.IndexOf(line[i], i + 1) is var end and > 0:
                    _hasWord = true;
                    _word.Append(line, i + 1, end - i - 1);
                    i = end;
                    break;
                case '$' when line.AsSpan(i).StartsWith("$(") && line.IndexOf(')', i) is var end and > 0:
                    _word.Append(line, i, end - i + 1);
                    i = end;
                    break;
                case '#' when _word.Length == 0:
                    return;
                case '|' or ';' or '&':
                    EndCommand();
                    break;
                case '>' or '<':
                    BeginRedirection();
                    break;
                case ' ' or '\t':
                    EndWord();
                    break;
                default:
                    _word.Append(line[i]);
                    break;
            }
        }
    }

    private void BeginRedirection()
    {
        // The number of a descriptor is part of the redirection: 2>file.
        if (_word.Length == 1 && char.IsDigit(_word[0]))
        {
            _word.Clear();
        }

        EndWord();
        _skipsNext = true;
    }

    private void EndWord()
    {
        if (_word.Length == 0 && !_hasWord)
        {
            return;
        }

        var word = _word.ToString();
        if (!_skipsNext && (_words.Count > 0 || !Assignment().IsMatch(word)))
        {
            _words.Add(word);
        }

        _word.Clear();
        (_hasWord, _skipsNext) = (false, false);
    }

    private void EndCommand()
    {
        EndWord();
        if (_words.Count > 0)
        {
            _commands.Add(_words);
            _words = [];
        }
    }

    [GeneratedRegex(@"^\s*[$#]\s+")]
    private static partial Regex Prompt();

    [GeneratedRegex(@"^\w+=")]
    private static partial Regex Assignment();
}
