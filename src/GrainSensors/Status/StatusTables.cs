using System.Globalization;
using GrainSensors.Contracts.Cluster;
using GrainSensors.Hosting.Status;
using Spectre.Console;

namespace GrainSensors.Status;

/// <summary>The state of a cluster for people: a table of the silos and one of the partitions.</summary>
internal static class StatusTables
{
    /// <summary>Lines must not break where there is no screen to break them at.</summary>
    private const int WidthOfPipe = 240;

    public static void Write(ClusterStatus status, DateTime now)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthOfPipe;
        }

        console.WriteLine($"Cluster {status.ClusterId}: {(status.IsHealthy ? "healthy" : "not healthy")}, lag {Number(status.Lag)}");
        console.WriteLine($"Kafka {status.Kafka}, topic {status.Topic}; windows in {status.Store}");
        console.WriteLine();
        console.Write(Silos(status.Silos, now));
        console.WriteLine();
        console.Write(Partitions(status.Partitions));
    }

    private static Table Silos(IReadOnlyList<SiloReport> silos, DateTime now)
    {
        var table = Make("Silo", "State", "Up", "Partitions", "Readings", "Late", "Rejected", "Rewinds", "PostgreSQL", "Kafka");
        foreach (var silo in silos)
        {
            table.AddRow(silo.Trouble is { } trouble
                ? Row(silo.Address, silo.State, "", "", "", "", "", "", trouble)
                : Row(
                    silo.Address,
                    silo.State,
                    Age((now - silo.StartedAt).TotalSeconds),
                    string.Join(' ', silo.Partitions.Select(partition => partition.Partition).Order()),
                    Number(silo.Ingest.Readings),
                    Number(silo.Ingest.Late),
                    Number(silo.Ingest.Rejected),
                    Number(silo.Ingest.Rewinds),
                    silo.PostgresTrouble ?? "ok",
                    silo.KafkaTrouble ?? "ok"));
        }

        return table;
    }

    private static Table Partitions(IReadOnlyList<PartitionLine> partitions)
    {
        var table = Make("Partition", "Owner", "Lag", "Checkpoint", "Open windows", "State");
        foreach (var line in partitions)
        {
            table.AddRow(Row(
                Number(line.Partition),
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
            table.AddColumn(new TableColumn(new Text(column.ToUpperInvariant())).PadRight(2));
        }

        return table;
    }

    /// <summary>As text: what servers say may look like markup.</summary>
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
