using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using GrainSensors.Hosting.Lifetime;

namespace GrainSensors.Invocation;

/// <summary>
/// The help of a command. The first paragraph of a description is its summary, which is all that the list of commands shows.
/// Paragraphs are wrapped at the width of the terminal; indented lines are examples to copy and stay as they are.
/// </summary>
internal sealed class CommandHelp : SynchronousCommandLineAction
{
    /// <summary>Longer lines are hard to read.</summary>
    private const int MaxWidth = 100;

    private const int MinWidth = 40;
    private const string HelpText = "Show help";
    private const int Indent = 2;
    private const char NoBreak = '\u00a0';

    /// <summary>A longer label gets a line of its own.</summary>
    private const int MaxLabel = 26;

    /// <summary>Gives the root command and all commands below it this help.</summary>
    public static RootCommand AddTo(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            option.Description = HelpText;
            option.Action = new CommandHelp();
        }

        foreach (var option in root.Options.OfType<VersionOption>())
        {
            option.Description = "Show the version";
        }

        return root;
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output, TerminalWidth());
        return ExitCodes.Success;
    }

    public static void Write(Command command, TextWriter output, int width)
    {
        var paragraphs = (command.Description ?? "").ReplaceLineEndings("\n").Split("\n\n");
        output.WriteLine(string.Join('\n', Wrap(OneLine(paragraphs[0]), width)));
        output.WriteLine();
        output.WriteLine($"Usage: {Usage(command)}");
        WriteRows(output, "Commands", command.Subcommands.Where(c => !c.Hidden).Select(c => (c.Name, SummaryOf(c))), width);
        foreach (var paragraph in paragraphs.Skip(1))
        {
            output.WriteLine();
            WriteParagraph(output, paragraph, width);
        }

        WriteRows(output, "Arguments", command.Arguments.Select(a => (a.Name, a.Description ?? "")), width);
        var options = command.Options.Where(o => !o.Hidden && o is not (HelpOption or VersionOption))
            .Select(o => (LabelOf(o), o.Description ?? ""));
        WriteRows(output, "Options", options.Append(command is RootCommand ? OfRoot : Inherited), width);
    }

    /// <summary>The root command defines this option for all commands.</summary>
    private static (string Label, string Text) Inherited { get; } = ("-h, --help", HelpText);

    private static (string Label, string Text) OfRoot { get; } = ("-h, --help, --version", "Show help, or the version");

    private static int TerminalWidth() =>
        Console.IsOutputRedirected ? MaxWidth
        : Console.WindowWidth is > 0 and var width ? Math.Clamp(width - 1, MinWidth, MaxWidth)
        : MaxWidth;

    private static string SummaryOf(Command command) => OneLine((command.Description ?? "").ReplaceLineEndings("\n").Split("\n\n")[0]);

    private static string Usage(Command command)
    {
        var words = new List<string> { NameOf(command) };
        words.AddRange(command.Arguments.Select(UsageOf));
        words.AddRange(command.Options.Where(option => option.Required).Select(LabelOf));
        words.Add(command.Subcommands.Count == 0 ? "[OPTIONS]" : command is RootCommand ? "[COMMAND] [OPTIONS]" : "COMMAND [OPTIONS]");
        return string.Join(' ', words);
    }

    private static string UsageOf(Argument argument)
    {
        var name = argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name}..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues > 0 ? name : $"[{name}]";
    }

    private static string NameOf(Command command) =>
        command is RootCommand ? "grainsensors"
        : command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{NameOf(parent)} {command.Name}"
        : command.Name;

    private static string LabelOf(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(alias => alias.StartsWith("-h", StringComparison.Ordinal)).Append(option.Name));
        return option.HelpName is { } value ? $"{names} {value}" : names;
    }

    private static void WriteParagraph(TextWriter output, string paragraph, int width)
    {
        var text = new List<string>();
        foreach (var line in paragraph.Split('\n'))
        {
            if (!line.StartsWith(' '))
            {
                text.Add(line);
                continue;
            }

            Flush();
            output.WriteLine(line);
        }

        Flush();

        void Flush()
        {
            foreach (var line in Wrap(string.Join(' ', text), width))
            {
                output.WriteLine(line);
            }

            text.Clear();
        }
    }

    private static void WriteRows(TextWriter output, string title, IEnumerable<(string Label, string Text)> rows, int width)
    {
        var all = rows.ToList();
        if (all.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"{title}:");
        var column = Indent + Math.Min(MaxLabel, all.Max(row => row.Label.Length)) + Indent;
        foreach (var (label, text) in all)
        {
            var lines = Wrap(text, Math.Max(width - column, MinWidth / 2)).ToList();
            var isLong = label.Length > MaxLabel;
            var first = isLong ? label : label.PadRight(column - Indent) + lines.FirstOrDefault();
            output.WriteLine(new string(' ', Indent) + first.TrimEnd());
            foreach (var line in lines.Skip(isLong ? 0 : 1))
            {
                output.WriteLine(new string(' ', column) + line);
            }
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var part in KeepTogether(text, width).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var word = part.Replace(NoBreak, ' ');
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        if (line.Length > 0)
        {
            yield return line;
        }
    }

    /// <summary>A line does not end inside <c>[default: …]</c>, unless the line is too short for it.</summary>
    private static string KeepTogether(string text, int width)
    {
        var start = text.IndexOf("[default: ", StringComparison.Ordinal);
        return start < 0 || text.Length - start > width ? text : text[..start] + text[start..].Replace(' ', NoBreak);
    }

    private static string OneLine(string text) => string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries));
}
