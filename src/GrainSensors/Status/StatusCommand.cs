using System.CommandLine;
using GrainSensors.Hosting.Cluster;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Status;
using GrainSensors.Invocation;
using GrainSensors.Web.Formatting;

namespace GrainSensors.Status;

/// <summary><c>status</c>: the state of a cluster.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var postgres = CommonOptions.Postgres();
        var json = CommonOptions.Json();
        var command = new Command(
            "status",
            """
            Show the state of a cluster

            The command finds the silos in their shared database. It shows the members, the partitions with owner, lag
            and checkpoint age, the open windows, and whether each silo reaches PostgreSQL and Kafka.

              grainsensors status --postgres "Host=localhost;Username=me;Database=sensors"

            Exit codes: 0 healthy, 4 unhealthy, 2 the cluster could not be read.
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
        var reports = await ClusterReader.ReadAsync(settings.Cluster, settings.Silo.Tls, database.DataSource, cancellationToken);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
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

    /// <summary>Orleans reports a missing cluster only as a missing gateway.</summary>
    private static async Task CheckAsync(ClusterDatabase database, CancellationToken cancellationToken)
    {
        if (!await database.Store.HasClusterAsync(cancellationToken))
        {
            throw new UsageException(
                $"{database.Store.Description} holds no cluster; start a silo or run `grainsensors migrate` with this database first.");
        }
    }
}
