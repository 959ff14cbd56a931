using System.CommandLine;
using System.CommandLine.Help;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;
using Npgsql;

namespace GrainSensors.Benchmarks.CommandLine;

/// <summary>Parses and runs a command line. What cannot be run says so in a sentence on standard error, and exits with 2.</summary>
internal static class Invocation
{
    public static async Task<int> InvokeAsync(RootCommand root, IReadOnlyList<string> arguments)
    {
        var result = root.Parse(arguments);
        if (result.Errors.Count > 0 && result.Action is not HelpAction)
        {
            // What follows the first mistake is often its consequence.
            await Console.Error.WriteLineAsync($"{result.Errors[0].Message.TrimEnd('.')}; see {result.CommandResult.Command.Name} --help.");
            return ExitCodes.CouldNotRun;
        }

        try
        {
            return await result.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is UsageException or KafkaUnavailableException or WindowStoreUnavailableException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.CouldNotRun;
        }
        catch (NpgsqlException e)
        {
            await Console.Error.WriteLineAsync(
                $"PostgreSQL cannot be used as --postgres says: {e.Message.TrimEnd('.')}; "
                + "is the server there, and may this user create databases?");
            return ExitCodes.CouldNotRun;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.CouldNotRun;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"The benchmark, or what it measures, has a defect. {e}");
            return ExitCodes.InternalError;
        }
    }
}
