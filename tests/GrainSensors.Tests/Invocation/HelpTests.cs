using System.CommandLine;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Invocation;

namespace GrainSensors.Tests.Invocation;

/// <summary>The help of all commands.</summary>
public sealed class HelpTests
{
    private static readonly string[] Groups = ["dlq", "silence", "sensors"];

    public static TheoryData<string> Commands => [.. All(CommandTree.Create()).Select(PathOf)];

    [Fact]
    public void The_root_help_fits_a_screen_and_has_a_line_for_each_command()
    {
        var root = CommandTree.Create();

        var lines = Lines(root, width: 100);

        Assert.True(lines.Length <= 30, string.Join('\n', lines));
        Assert.All(
            root.Subcommands, command => Assert.Single(lines, line => line.StartsWith($"  {command.Name} ", StringComparison.Ordinal)));
        Assert.Contains(ExitCodes.Summary, lines);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_is_wrapped_at_the_width_of_the_terminal_except_for_examples(string path)
    {
        var command = All(CommandTree.Create()).Single(command => PathOf(command) == path);

        foreach (var width in new[] { 60, 80, 100 })
        {
            Assert.All(Lines(command, width), line => Assert.True(line.Length <= width || CannotBeWrapped(line), $"{line.Length}: {line}"));
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Help_lists_every_option_and_says_what_it_does(string path)
    {
        var command = All(CommandTree.Create()).Single(command => PathOf(command) == path);
        var lines = Lines(command, width: 100);

        Assert.All(command.Options, option =>
        {
            Assert.False(string.IsNullOrWhiteSpace(option.Description), option.Name);
            Assert.Contains(lines, line => line.TrimStart().StartsWith(option.Name, StringComparison.Ordinal)
                || line.Contains($", {option.Name}", StringComparison.Ordinal));
        });
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Examples_are_valid_command_lines(string path)
    {
        var command = All(CommandTree.Create()).Single(command => PathOf(command) == path);

        foreach (var line in Lines(command, width: 100).Where(line => line.StartsWith("  grainsensors ", StringComparison.Ordinal)))
        {
            var arguments = line.Trim().Split(" > ")[0]["grainsensors ".Length..];
            Assert.Empty(CommandTree.Create().Parse(arguments).Errors);
        }
    }

    [Fact]
    public void A_command_has_a_line_of_usage_with_its_arguments()
    {
        Assert.Contains("Usage: grainsensors replay FILE [OPTIONS]", Lines(Find("replay"), 100));
        Assert.Contains("Usage: grainsensors dlq requeue [ID...] [OPTIONS]", Lines(Find("dlq requeue"), 100));
        Assert.Contains("Usage: grainsensors silence add --reason TEXT [OPTIONS]", Lines(Find("silence add"), 100));
        Assert.All(Groups, group => Assert.Contains($"Usage: grainsensors {group} COMMAND [OPTIONS]", Lines(Find(group), 100)));
    }

    private static Command Find(string path) => All(CommandTree.Create()).Single(command => PathOf(command) == path);

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    private static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent
        ? $"{PathOf(parent)} {command.Name}".Trim()
        : "";

    /// <summary>Examples are copied, usage is one line, and a single word has no place for a break.</summary>
    private static bool CannotBeWrapped(string line) =>
        line.StartsWith("  grainsensors ", StringComparison.Ordinal)
        || line.StartsWith("  sqlite3 ", StringComparison.Ordinal)
        || line.StartsWith("  mosquitto_pub ", StringComparison.Ordinal)
        || line.StartsWith("Usage: ", StringComparison.Ordinal)
        || !line.Trim().Contains(' ', StringComparison.Ordinal);

    private static string[] Lines(Command command, int width)
    {
        using var output = new StringWriter { NewLine = "\n" };
        CommandHelp.Write(command, output, width);
        return output.ToString().TrimEnd('\n').Split('\n');
    }
}
