using GrainSensors.Benchmarks.CommandLine;
using GrainSensors.Benchmarks.Feeding;
using GrainSensors.Benchmarks.Live;
using GrainSensors.Benchmarks.Product;
using GrainSensors.Benchmarks.Servers;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Benchmarks.Latency;

/// <summary>One measurement: a live feeder, a silo, and watches in all places where something should appear.</summary>
internal sealed class LatencyRun(LatencyRequest request, ReadingTopic topic, ProductRun run, Progress progress)
{
    /// <summary>Readings that are sent before are not measured: the silo compiles and activates its grains.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    private const double LeastOfRate = 0.95;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>For the last checkpoint.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly SentReadings _sent = new();
    private readonly AlertSightings _table = new();
    private readonly AlertSightings _log = new();
    private readonly AlertSightings _events = new();
    private readonly List<long> _rows = [];
    private readonly CheckpointGaps _checkpoints = new(run.Database);
    private long _from;
    private long _to;

    /// <param name="Rate">Readings a second that were sent.</param>
    /// <param name="LongestGap">Between two sendings, s: as long as that the feeder was held up.</param>
    /// <param name="CheckpointInterval">Between checkpoints of a partition, s, the median.</param>
    /// <param name="LongestCheckpointInterval">s.</param>
    public sealed record Result(
        double Rate, double LongestGap, double CheckpointInterval, double LongestCheckpointInterval, IReadOnlyList<LatencyFigures> Figures);

    /// <exception cref="UsageException">The rate is too high for this machine.</exception>
    public async Task<Result> RunAsync(CancellationToken cancellationToken)
    {
        await using var feeder = await FeederProcess.LiveAsync(
            topic, request.Sensors, request.Rate, request.Stride, request.AlertsPerSecond);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] watches =
        [
            AlertTableWatch.RunAsync(run.Database, _table, stop.Token),
            LogTopicWatch.RunAsync(topic.BootstrapServers, topic.LogTopic, _log, stop.Token),
            EventStreamWatch.RunAsync(run.Page, _events, stop.Token),
        ];
        var begun = await feeder.BeginAsync(_sent.Add);
        await using (new PositionRelay(run, feeder, partition => partition.Position))
        {
            (_from, _to) = (begun + (long)WarmUp.TotalMicroseconds, begun + (long)(WarmUp + request.Time).TotalMicroseconds);
            var rows = new SampledRows(run.Database, request.Sensors, request.Stride);
            await WatchAsync(rows, until: () => Now() >= _to, watches, cancellationToken);
            await feeder.StopAsync();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            await WatchAsync(rows, until: () => rows.Hold(_sent.Count), watches, patience.Token);
        }

        var measured = _sent.Disconnected().Where(reading => IsMeasured(reading.Value)).ToDictionary();
        await Patiently.UntilAsync(
            () => _table.Covers(measured.Keys) && _log.Covers(measured.Keys) && _events.Covers(measured.Keys),
            "alerts are missing",
            cancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(watches).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new(
            RateSent(),
            _sent.LongestGap(_from),
            _checkpoints.Seconds.Median,
            _checkpoints.Seconds.Longest,
            [
                LatencyFigures.Of("the row in PostgreSQL", _rows),
                LatencyFigures.Of("an alert in the table", _table.Since(measured)),
                LatencyFigures.Of("an alert in the log topic", _log.Since(measured)),
                LatencyFigures.Of("an alert on the event stream", _events.Since(measured)),
            ]);
    }

    private async Task WatchAsync(SampledRows rows, Func<bool> until, Task[] watches, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookInterval);
        while (!until())
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            run.ThrowIfEnded();
            if (Array.Find(watches, watch => watch.IsFaulted) is { } failed)
            {
                await failed;
            }

            var seen = await rows.LookAsync(cancellationToken);
            var now = Now();
            _rows.AddRange(seen.Select(reading => _sent.AtOf(reading.Index)!.Value).Where(IsMeasured).Select(at => now - at));
            if (now >= _from && now <= _to)
            {
                await _checkpoints.LookAsync(cancellationToken);
            }

            progress.Say($"{_sent.Count:N0} readings are sent, {_rows.Count:N0} of the sample measured");
        }
    }

    /// <exception cref="UsageException">Less was sent than was asked for.</exception>
    private double RateSent()
    {
        var rate = _sent.CountBetween(_from, _to) / request.Time.TotalSeconds;
        return rate >= LeastOfRate * request.Rate
            ? rate
            : throw new UsageException(FormattableString.Invariant(
                $"--rate {request.Rate} is more than the silo keeps up with on this machine, which took {rate:N0} readings a second; ")
                + "give at most half of that.");
    }

    private bool IsMeasured(long at) => at >= _from && at <= _to;

    private static long Now() => (long)(DateTime.UtcNow - DateTime.UnixEpoch).TotalMicroseconds;
}
