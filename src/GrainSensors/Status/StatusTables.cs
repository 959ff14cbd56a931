using System.Globalization;
using GrainSensors.Contracts.Cluster;
using GrainSensors.Hosting.Status;
using GrainSensors.Terminal;
using Spectre.Console;

namespace GrainSensors.Status;

/// <summary>Prints the state of a cluster: a table of the silos and a table of the partitions.</summary>
internal static class StatusTables
{
    public static void Write(ClusterStatus status, DateTime now)
    {
        var console = OutputConsole.Create();
        var lag = status.Lag is null ? "unknown" : Number(status.Lag);
        console.WriteLine($"Cluster {status.ClusterId}: {(status.IsHealthy ? "healthy" : "unhealthy")}, lag {lag}");
        console.WriteLine($"Kafka {status.Kafka}, topic {status.Topic}; windows in {status.Store}");
        console.WriteLine(Level(status));
        console.WriteLine();
        console.Write(Silos(status.Silos, now));
        foreach (var problem in status.Silos.SelectMany(Problems))
        {
            console.WriteLine(problem);
        }

        console.WriteLine();
        console.Write(Partitions(status.Partitions));
    }

    private static string Level(ClusterStatus status)
    {
        var answers = status.Silos.Where(silo => silo.Trouble is null).ToList();
        var isOwnOfAll = answers.TrueForAll(silo => silo.FeatureLevel == status.FeatureLevel);
        var own = isOwnOfAll ? "" : $"; {string.Join(", ", answers.Select(silo => $"{silo.Address} has {silo.FeatureLevel}"))}";
        return $"Feature level {Number(status.FeatureLevel)}{own}";
    }

    private static Table Silos(IReadOnlyList<SiloReport> silos, DateTime now)
    {
        var table = Make("Silo", "State", "Uptime", "Partitions", "Readings", "Late", "Rejected", "Rewinds", "PostgreSQL", "Kafka");
        foreach (var silo in silos)
        {
            table.AddRow(silo.Trouble is not null
                ? Row(silo.Address, silo.State, "-", "-", "-", "-", "-", "-", "-", "-")
                : Row(
                    silo.Address,
                    silo.State,
                    Age((now - silo.StartedAt).TotalSeconds),
                    string.Join(' ', silo.Partitions.OrderBy(one => one.SourceTopic).ThenBy(one => one.Partition).Select(one => one.Name)),
                    Number(silo.Ingest.Readings),
                    Number(silo.Ingest.Late),
                    Number(silo.Ingest.Rejected),
                    Number(silo.Ingest.Rewinds),
                    silo.PostgresTrouble is null ? "ok" : "failed",
                    silo.KafkaTrouble is null ? "ok" : "failed"));
        }

        return table;
    }

    /// <summary>Messages stand below the table, because they would squeeze its columns.</summary>
    private static IEnumerable<string> Problems(SiloReport silo) =>
        new[] { silo.Trouble, silo.PostgresTrouble, silo.KafkaTrouble }.OfType<string>().Select(problem => $"{silo.Address}: {problem}");

    private static Table Partitions(IReadOnlyList<PartitionLine> partitions)
    {
        var table = Make("Partition", "Owner", "Lag", "Checkpoint", "Open windows", "State");
        foreach (var line in partitions)
        {
            table.AddRow(Row(
                line.Name,
                line.Owner ?? "-",
                Number(line.Lag),
                line.CheckpointAge is { } age ? $"{Age(age)} ago" : "-",
                Number(line.OpenWindows),
                line.State));
        }

        return table;
    }

    private static Table Make(params string[] columns)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            // States of partitions may be long messages, partitions long lists; all other cells and the titles stay on one line.
            var title = new Text(column.ToUpperInvariant());
            table.AddColumn(new TableColumn(title) { NoWrap = column is not ("State" or "Partitions") }.PadRight(2));
        }

        return table;
    }

    /// <summary>Cells are plain text, because messages of servers may look like markup.</summary>
    private static Text[] Row(params string[] cells) => Array.ConvertAll(cells, cell => new Text(cell));

    private static string Number(long? number) => number?.ToString("N0", CultureInfo.InvariantCulture) ?? "-";

    private static string Age(double seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0} d"),
    };
}
