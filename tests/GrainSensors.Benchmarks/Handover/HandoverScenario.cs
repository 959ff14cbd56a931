using System.CommandLine;

namespace GrainSensors.Benchmarks.Handover;

/// <summary>
/// What readings wait when partitions move: a cluster of two silos loses one that is told to go, and gets it back, while
/// every sensor goes on reporting once a second.
/// </summary>
internal static class HandoverScenario
{
    /// <summary>How long a measurement lasts: time that passes under load is what is measured here, not a condition that comes.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(12);

    public static Command Create()
    {
        var sensors = new Option<int>("--sensors") { Description = "Each sends one reading a second.", DefaultValueFactory = _ => 10_000 };
        var rounds = new Option<int>("--rounds") { Description = "How often a silo goes and comes back.", DefaultValueFactory = _ => 3 };
        var postgres = new Option<string?>("--postgres") { Description = "A server's connection string; the database is a new one, and dropped [default: a throw-away server, where its programs are installed]" };
        var logs = new Option<string?>("--logs") { Description = "A directory to keep what the silos said." };
        var json = new Option<bool>("--json") { Description = "Print the measurements as JSON." };
        var command = new Command("handover", "How long readings wait when partitions move between silos that are processes.") { sensors, rounds, postgres, logs, json };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(sensors), parsed.GetValue(rounds), parsed.GetValue(postgres), parsed.GetValue(logs), parsed.GetValue(json), cancellation));
        return command;
    }

    private static async Task RunAsync(int sensors, int rounds, string? postgres, string? logs, bool json, CancellationToken cancellationToken)
    {
        await using var cluster = await HandoverCluster.StartAsync(postgres, logs, cancellationToken);
        await using var load = new SensorLoad(cluster.BootstrapServers, sensors);
        await using var delays = new Delays(cluster.DataSource, load.Producer);
        var report = new HandoverReport(sensors, cluster.Description, json);
        report.Begin();

        var staying = await cluster.StartSiloAsync(cancellationToken);
        var moving = await cluster.StartSiloAsync(cancellationToken);
        await Patiently.UntilAsync(() => staying.HandedOver().Any(), "the second silo gets no partitions", cancellationToken);
        await SettleAsync();

        // Without what the start of the cluster cost.
        delays.TakeLongest();
        await Task.Delay(Steady, cancellationToken);
        report.Usual(delays.TakeLongest());
        for (var round = 1; round <= rounds; round++)
        {
            report.Add(round, await MoveAsync("leaves", moving, staying, moving.TerminateAsync));
            await cluster.RemoveAsync(moving);

            moving = cluster.BeginSilo();
            report.Add(round, await MoveAsync("comes", staying, moving, () => Task.CompletedTask));
        }

        report.End();

        async Task<Move> MoveAsync(string name, SiloLog giver, SiloLog taker, Func<Task> order)
        {
            giver.Forget();
            taker.Forget();
            delays.TakeLongest();
            var ordered = DateTime.UtcNow;
            await order();
            await Patiently.UntilAsync(() => Move.IsComplete(giver, taker), "the partitions do not arrive", cancellationToken);
            await SettleAsync();
            return Move.Of(name, ordered, giver, taker, delays.TakeLongest());
        }

        async Task SettleAsync()
        {
            // Longer than a checkpoint's interval: whatever waited is either durable by now or counted.
            await Task.Delay(Steady, cancellationToken);
            await Patiently.UntilAsync(() => delays.AreShort(Steady), "readings wait", cancellationToken);
        }
    }
}
