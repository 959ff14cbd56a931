using System.CommandLine;
using GrainSensors.Benchmarks.CommandLine;

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
        var sensors = NumberOption.Of("--sensors", "Each sends one reading a second", 10_000, 1, 10_000_000);
        var rounds = NumberOption.Of("--rounds", "How often a silo goes and comes back", 3, 1, 1000);
        var logs = new Option<string?>("--logs") { HelpName = "DIRECTORY", Description = "Keeps what the silos said" };
        var (postgres, json) = (ServerOptions.Postgres(), ServerOptions.Json());
        var command = new Command("handover", "How long readings wait when partitions move between silos that are processes.")
        {
            sensors, rounds, postgres, logs, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(sensors),
            parsed.GetValue(rounds),
            parsed.GetValue(postgres),
            parsed.GetValue(logs),
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static async Task RunAsync(
        int sensors, int rounds, string? postgres, string? logs, bool json, CancellationToken cancellationToken)
    {
        await using var cluster = await HandoverCluster.StartAsync(postgres, logs, cancellationToken);
        await using var load = new SensorLoad(cluster.BootstrapServers, sensors);
        await using var delays = new Delays(cluster.DataSource, load.Producer);
        var report = new HandoverReport(sensors, cluster.Description, json);
        report.Begin();
        using var progress = new Progress();
        progress.Say($"two silos start", isNews: true);

        var staying = await cluster.StartSiloAsync(cancellationToken);
        var moving = await cluster.StartSiloAsync(cancellationToken);
        await Patiently.UntilAsync(() => staying.HandedOver().Any(), "the second silo gets no partitions", cancellationToken);
        await SettleAsync();

        // Without what the start of the cluster cost.
        delays.TakeLongest();
        // The measurement itself: how long readings wait in so long when nothing moves.
        await Task.Delay(Steady, cancellationToken);
        progress.Clear();
        report.Usual(delays.TakeLongest());
        for (var round = 1; round <= rounds; round++)
        {
            progress.Say($"round {round}: a silo leaves", isNews: true);
            var left = await MoveAsync("leaves", moving, staying, moving.TerminateAsync);
            progress.Clear();
            report.Add(round, left);
            await cluster.RemoveAsync(moving);

            moving = cluster.BeginSilo();
            progress.Say($"round {round}: a silo comes", isNews: true);
            var come = await MoveAsync("comes", staying, moving, () => Task.CompletedTask);
            progress.Clear();
            report.Add(round, come);
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
