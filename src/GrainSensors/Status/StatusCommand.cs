using System.CommandLine;
using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Status;
using GrainSensors.Invocation;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Status;

/// <summary><c>status</c>: how a cluster stands, in one look.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var postgres = CommonOptions.Postgres();
        var json = CommonOptions.Json();
        var command = new Command(
            "status",
            """
            Show how a cluster of silos stands: its members, the partitions and who owns them, their lag and the age of their
            checkpoints, open windows, and whether each silo can use PostgreSQL and Kafka.

            Finds the silos in the database that they share. Exit codes: 0 healthy, 4 something is wrong, 2 could not look.
            """)
        {
            postgres, json,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            PipelineSettings.Load(CommonOptions.Overrides(("Postgres:ConnectionString", result.GetValue(postgres)))),
            result.GetValue(json),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(PipelineSettings settings, bool json, CancellationToken cancellationToken)
    {
        await using var database = ClusterDatabase.Open(settings);
        await CheckAsync(database, cancellationToken);
        var reports = await ClusterReader.ReadAsync(settings.Cluster, database.DataSource, cancellationToken);
        var now = DateTime.UtcNow;
        var status = ClusterStatus.From(settings.Cluster.ClusterId, database.Store.Description, reports, now);
        if (json)
        {
            Console.WriteLine(JsonOutput.Of(status));
        }
        else
        {
            StatusTables.Write(status, now);
        }

        return status.IsHealthy ? ExitCodes.Success : ExitCodes.SomethingWrong;
    }

    /// <summary>Orleans would only say that it found no gateway.</summary>
    private static async Task CheckAsync(ClusterDatabase database, CancellationToken cancellationToken)
    {
        if (!await database.Store.HasClusterAsync(cancellationToken))
        {
            throw new UsageException($"{database.Store.Description} holds no cluster: no silo has ever started there, nor has `grainsensors migrate` run.");
        }
    }
}
