using System.CommandLine;
using GrainSensors.Contracts.Sensors;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Sources.Schemas;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Invocation;

/// <summary>Parses and runs a command line. A failure is one sentence on standard error and an exit code.</summary>
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

    public static async Task<int> InvokeAsync(RootCommand root, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = Parse(root, arguments);
        if (result.Action is not CommandHelp && ParseErrors.Find(result) is { } errors)
        {
            await Console.Error.WriteLineAsync(errors);
            return ExitCodes.CouldNotRun;
        }

        try
        {
            // Without the library's own handling of signals: a command may drain for longer.
            return await result.InvokeAsync(
                new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken);
        }
        catch (Exception e) when (e
            is UsageException or KafkaUnavailableException or WindowStoreUnavailableException or ReadingNotPublishedException
            or SchemasUnavailableException)
        {
            await Console.Error.WriteLineAsync(Cures.Describe(e));
            return ExitCodes.CouldNotRun;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.CouldNotRun;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Standard output is closed or on a full disk, or it is a pipe whose reader has ended.
            await Console.Error.WriteLineAsync($"The output cannot be written: {e.Message.TrimEnd('.')}.");
            return ExitCodes.CouldNotRun;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"Internal error: {e}");
            return ExitCodes.InternalError;
        }
    }
}
