using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Invocation;

/// <summary>Parses and runs a command line. Whatever goes wrong is one sentence on standard error and an exit code.</summary>
internal static class CommandLine
{
    private const string DefaultCommand = "run";
    private static readonly string[] RootOptions = ["--help", "-h", "-?", "/h", "/?", "--version"];

    /// <summary>Arguments that start with an option belong to the default command.</summary>
    public static ParseResult Parse(RootCommand root, IReadOnlyList<string> arguments)
    {
        var isDefault = arguments.Count == 0 || (arguments[0].StartsWith('-') && !RootOptions.Contains(arguments[0]));
        return root.Parse(isDefault ? [DefaultCommand, .. arguments] : arguments);
    }

    public static async Task<int> InvokeAsync(RootCommand root, IReadOnlyList<string> arguments)
    {
        var result = Parse(root, arguments);
        if (result.Errors.Count > 0 && result.Action is not HelpAction)
        {
            await Console.Error.WriteLineAsync(
                $"{string.Join(' ', result.Errors.Select(error => error.Message).Distinct())} See 'grainsensors {PathOf(result.CommandResult)}--help'.");
            return ExitCodes.CouldNotRun;
        }

        try
        {
            // Signals belong to the host, which drains before it stops.
            return await result.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (e is UsageException or KafkaUnavailableException or WindowStoreUnavailableException or ReadingNotPublishedException)
        {
            await Console.Error.WriteLineAsync(Cures.Describe(e));
            return ExitCodes.CouldNotRun;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.CouldNotRun;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"grainsensors has a defect; please report it with what follows. {e}");
            return ExitCodes.Defect;
        }
    }

    /// <returns>The commands below the root, each with a space behind.</returns>
    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)}{result.Command.Name} " : "";
}
