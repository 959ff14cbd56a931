using System.Diagnostics.Metrics;
using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Telemetry;
using GrainSensors.Core.Time;
using GrainSensors.Ingest.Status;

namespace GrainSensors.Ingest.Telemetry;

/// <summary>
/// The metrics of ingest. They are recorded once a batch and once a checkpoint, or read from counters that the loops keep anyway.
/// </summary>
/// <remarks>
/// Names and units follow OpenTelemetry's conventions
/// (https://opentelemetry.io/docs/specs/semconv/general/metrics/). No work is done for a single reading.
/// </remarks>
public sealed class IngestMetrics
{
    /// <summary>The meter of the project's own metrics.</summary>
    public const string MeterName = InstrumentationScope.Name;

    private const string Topic = "messaging.destination.name";
    private const string Partition = "messaging.destination.partition.id";

    private static readonly string[] Reasons =
        [.. Enum.GetValues<RejectReason>().Where(reason => reason != RejectReason.None).Select(reason => reason.ToToken())];

    private static readonly AlertKind[] Kinds = Enum.GetValues<AlertKind>();

    private static readonly AlertTransition[] Transitions = Enum.GetValues<AlertTransition>();

    private readonly long[] _alerts = new long[Kinds.Length * Transitions.Length];
    private readonly Meter _meter;
    private readonly TimeProvider _clock;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _checkpointDuration;
    private readonly Histogram<double> _latency;
    private long _refusedLogMessages;

    /// <summary>Creates the histograms. <see cref="Observe"/> adds the counters.</summary>
    /// <param name="meters">Null in processes without metrics.</param>
    /// <param name="clock">Measures ages and latencies.</param>
    public IngestMetrics(IMeterFactory? meters, TimeProvider clock)
    {
        _clock = clock;
        _meter = meters?.Create(MeterName) ?? new(MeterName);
        _batchSize = _meter.CreateHistogram(
            "grainsensors.ingest.batch.size", "{reading}", "Readings in a batch that the loop of a partition dispatches to window grains.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000] });
        _checkpointDuration = _meter.CreateHistogram(
            "grainsensors.ingest.checkpoint.duration", "s", "Time from the start of a checkpoint attempt to the checkpoint in the store.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
            });
        _latency = _meter.CreateHistogram(
            "grainsensors.ingest.latency", "s",
            "Time from Kafka's timestamp of the first message of a batch until its readings are in the rows of the store.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 30, 60, 120, 300, 900],
            });
    }

    /// <summary>Messages of the log topic were not stored, because the names of their sensors are beyond a limit.</summary>
    internal void LogMessagesRefused(int count) => Interlocked.Add(ref _refusedLogMessages, count);

    internal void Published(IReadOnlyList<AlertEvent> events)
    {
        foreach (var happened in events)
        {
            Interlocked.Increment(ref _alerts[IndexOf(happened.Kind, happened.Transition)]);
        }
    }

    internal void Batch(int readings) => _batchSize.Record(readings);

    internal void Checkpointed(TimeSpan duration) => _checkpointDuration.Record(duration.TotalSeconds);

    /// <summary>A batch has become durable.</summary>
    /// <param name="appendedAt">Kafka's timestamp of its first message, ms since the epoch.</param>
    internal void Durable(long appendedAt) =>
        _latency.Record(Math.Max(0, _clock.GetUtcNow().ToUnixTimeMilliseconds() - appendedAt) / 1000.0);

    /// <summary>Adds the counters and gauges.</summary>
    /// <param name="getStatus">Called when the metrics are collected.</param>
    /// <param name="getDropped">The values that were left out.</param>
    /// <param name="getFlushed">The rows that were written ahead of checkpoints, and the bytes that PostgreSQL logs for them.</param>
    internal void Observe(
        Func<IngestStatus> getStatus, Func<(long Rows, long LogBytes)> getFlushed, Func<long> getDropped)
    {
        void Count(string name, string unit, string description, Func<IngestTotals, long> value)
        {
            var total = new Monotone();
            _meter.CreateObservableCounter(name, () => total.Raise(value(getStatus().Totals)), unit, description);
        }

        void Gauge(string name, string unit, string description, Func<PartitionStatus, long> value) => _meter.CreateObservableGauge(
            name,
            () => getStatus().Partitions.Select(partition => new Measurement<long>(value(partition), TagsOf(partition))),
            unit,
            description);

        Count(
            "grainsensors.ingest.readings", "{reading}", "Readings added to windows. A reading that is fetched again counts once.",
            totals => totals.Readings);
        Count(
            "grainsensors.ingest.late_readings", "{reading}", "Readings that arrived after their window was due to close.",
            totals => totals.Late);
        Count("grainsensors.ingest.closed_windows", "{window}", "Windows that became final.", totals => totals.Closed);
        Count("grainsensors.ingest.rewinds", "{rewind}", "Rewinds of partitions to their checkpoint.", totals => totals.Rewinds);
        Count(
            "grainsensors.ingest.missed_messages", "{message}", "Messages that retention removed from the log before they were read.",
            totals => totals.Missed);
        _meter.CreateObservableCounter(
            "grainsensors.ingest.flushed_rows", () => getFlushed().Rows, "{row}", "Window rows written ahead of checkpoints.");
        _meter.CreateObservableCounter(
            "grainsensors.ingest.flushed_log", () => getFlushed().LogBytes, "By",
            "What PostgreSQL writes to its log for the rows that are written ahead of checkpoints, about.");
        _meter.CreateObservableCounter(
            "grainsensors.ingest.refused_log_messages", () => Interlocked.Read(ref _refusedLogMessages), "{message}",
            "Messages of the log topic that were not stored: the names of their sensors are new, and no reading of them has come.");
        _meter.CreateObservableCounter(
            "grainsensors.ingest.dropped_values", getDropped, "{value}",
            "Values that were left out, because a reading has too many of them or there are too many measurements.");
        ObserveRejects(getStatus);
        ObserveAlerts();
        Gauge("grainsensors.ingest.lag", "{message}", "Messages in the log that are not in a window yet.", partition => partition.Lag);
        Gauge("grainsensors.ingest.open_windows", "{window}", "Windows that have not been closed.", partition => partition.OpenWindows);
        _meter.CreateObservableGauge(
            "grainsensors.ingest.checkpoint.age",
            () => getStatus().Partitions.Select(partition => new Measurement<double>(Age(partition), TagsOf(partition))),
            "s",
            "Time since the last checkpoint, or since the assignment of the partition. 0 while everything in the log is durable.");
        Gauge(
            "grainsensors.ingest.stalled_partitions", "{partition}", "1 while the partition is stalled. The log has the reason.",
            partition => partition.Trouble is null ? 0 : 1);
    }

    private void ObserveRejects(Func<IngestStatus> getStatus)
    {
        var rejects = Array.ConvertAll(Reasons, reason => (Tag: KeyValuePair.Create("reason", (object?)reason), Total: new Monotone()));
        _meter.CreateObservableCounter(
            "grainsensors.ingest.rejected_messages",
            () =>
            {
                var counts = getStatus().Totals.Rejects.ByReason;
                return rejects.Select(reject =>
                    new Measurement<long>(reject.Total.Raise(counts.GetValueOrDefault((string)reject.Tag.Value!)), reject.Tag));
            },
            "{message}",
            "Rejected messages, which are written to the dead-letter topic.");
    }

    private void ObserveAlerts() => _meter.CreateObservableCounter(
        "grainsensors.alerts.published",
        () => from kind in Kinds
              from transition in Transitions
              select new Measurement<long>(
                  Volatile.Read(ref _alerts[IndexOf(kind, transition)]),
                  new("kind", kind.Name()),
                  new("transition", transition.ToString().ToLowerInvariant())),
        "{alert}",
        "Alert transitions published to the log topic. After a failure a transition may be published twice.");

    private static int IndexOf(AlertKind kind, AlertTransition transition) =>
        (Array.IndexOf(Kinds, kind) * Transitions.Length) + Array.IndexOf(Transitions, transition);

    /// <summary>
    /// The age of the last checkpoint in seconds. A partition without a checkpoint ages from its assignment, so that alarms see it.
    /// </summary>
    private double Age(PartitionStatus partition) => partition.IsReady && partition.Checkpointed >= partition.EndOffset
        ? 0
        : Math.Max(0, EpochTime.Now(_clock) - Math.Max(partition.AssignedAt, partition.CheckpointedAt)) / (double)EpochTime.MicrosPerSecond;

    private static KeyValuePair<string, object?>[] TagsOf(PartitionStatus partition) =>
        [new(Partition, partition.Partition), new(Topic, partition.Topic)];

    /// <summary>
    /// Keeps a counter from falling. During a handover the counts of a partition are missing for a moment, and collectors would see
    /// a restart.
    /// </summary>
    private sealed class Monotone
    {
        private long _value;

        public long Raise(long value)
        {
            _value = Math.Max(_value, value);
            return _value;
        }
    }
}
