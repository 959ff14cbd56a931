using System.CommandLine;
using GrainSensors.Invocation;

namespace GrainSensors.Architecture.Tests.Documents;

/// <summary>Finds the calls of the executable in a line and parses their arguments with its own commands.</summary>
internal static class ExecutableCall
{
    private const string Name = "grainsensors";
    private const string Project = "src/GrainSensors";

    /// <summary>A name in place of a subcommand, as in <c>grainsensors COMMAND --help</c>.</summary>
    private const string AnyCommand = "COMMAND";

    private static readonly string[] Starters = ["docker", "kubectl", "podman", "sudo", "time", "nohup"];
    private static readonly HashSet<string> Subcommands = [.. CommandTree.Create().Subcommands.Select(command => command.Name)];

    /// <returns>The arguments of each call.</returns>
    public static IEnumerable<string[]> In(string line) =>
        ShellLine.Commands(line).Select(ArgumentsOf).OfType<string[]>().Where(arguments => arguments.FirstOrDefault() != AnyCommand);

    /// <summary>The lines of the help of all commands, each with the command whose help it is.</summary>
    public static IEnumerable<(string Command, string Line)> HelpLines() => HelpLines(CommandTree.Create());

    /// <returns>What is wrong with the arguments; null when they are right.</returns>
    public static string? Refuse(string[] arguments)
    {
        var result = CommandLine.Parse(CommandTree.Create(), arguments);
        return result.Errors.Count == 0 || result.Action is CommandHelp
            ? null
            : string.Join(' ', result.Errors.Select(error => error.Message).Distinct());
    }

    /// <summary>
    /// For a call inside of a sentence, with or without the executable's name. One that gives a value to an option is for typing and
    /// must be complete; others name a command or an option, which must exist.
    /// </summary>
    /// <returns>What is wrong with it; null when it is right or no call.</returns>
    public static string? RefuseMention(string text)
    {
        var isShort = Subcommands.Contains(text.Split(' ')[0]) && text.Contains(" --", StringComparison.Ordinal);
        return In(isShort ? $"{Name} {text}" : text).Select(arguments => GivesValue(arguments) ? Refuse(arguments) : RefuseWords(arguments))
            .FirstOrDefault(error => error is not null);
    }

    private static bool GivesValue(string[] arguments) =>
        arguments.Zip(arguments.Skip(1)).Any(pair => pair.First.StartsWith("--", StringComparison.Ordinal) && !pair.Second.StartsWith('-'));

    private static string? RefuseWords(string[] arguments)
    {
        var unknown = CommandLine.Parse(CommandTree.Create(), arguments).UnmatchedTokens;
        return unknown.Count == 0 ? null : $"unknown: {string.Join(' ', unknown)}";
    }

    private static IEnumerable<(string Command, string Line)> HelpLines(Command command) =>
        (command.Description ?? "").Split('\n').Select(line => (command.Name, line)).Concat(command.Subcommands.SelectMany(HelpLines));

    private static string[]? ArgumentsOf(IReadOnlyList<string> words)
    {
        if (Path.GetFileName(words[0]) == Name)
        {
            return [.. words.Skip(1)];
        }

        if (words is ["dotnet", "run", ..])
        {
            return RunsProject(words) ? [.. words.SkipWhile(word => word != "--").Skip(1)] : null;
        }

        // Behind a program that starts others, the executable's name may also be that of a database or a user.
        var call = Starters.Contains(words[0]) ? words.Zip(words.Skip(1)).ToList() : [];
        var place = call.FindIndex(pair => pair.First == Name && Subcommands.Contains(pair.Second));
        return place < 0 ? null : [.. words.Skip(place + 1)];
    }

    private static bool RunsProject(IReadOnlyList<string> words) =>
        words.SkipWhile(word => word != "--project").Skip(1).FirstOrDefault()?.TrimEnd('/') == Project;
}
