using System.Diagnostics.Metrics;
using GrainSensors.Contracts.Alerts;
using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Telemetry;
using GrainSensors.Core.Time;

namespace GrainSensors.Ingest.Telemetry;

/// <summary>What is measured of ingest: once a batch, once a checkpoint, and at every look at the counters that the loops keep anyway.</summary>
/// <remarks>
/// Names and units follow OpenTelemetry's conventions
/// (https://opentelemetry.io/docs/specs/semconv/general/metrics/). Nothing is done for a single reading.
/// </remarks>
public sealed class IngestMetrics
{
    /// <summary>The meter of the project's own metrics.</summary>
    public const string MeterName = InstrumentationScope.Name;

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

    /// <param name="meters">Null: where nobody can listen.</param>
    public IngestMetrics(IMeterFactory? meters, TimeProvider clock)
    {
        _clock = clock;
        _meter = meters?.Create(MeterName) ?? new(MeterName);
        _batchSize = _meter.CreateHistogram(
            "grainsensors.ingest.batch.size", "{reading}", "Readings that a partition's loop hands over to window grains together.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000] });
        _checkpointDuration = _meter.CreateHistogram(
            "grainsensors.ingest.checkpoint.duration", "s", "From the first flush of a round to the checkpoint in the store.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
        _latency = _meter.CreateHistogram(
            "grainsensors.ingest.latency", "s", "From Kafka's timestamp of the first message of a batch until its window is durable.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 30, 60, 120, 300, 900] });
    }

    internal void Published(IReadOnlyList<AlertEvent> events)
    {
        foreach (var happened in events)
        {
            Interlocked.Increment(ref _alerts[IndexOf(happened.Kind, happened.Transition)]);
        }
    }

    internal void Batch(int readings) => _batchSize.Record(readings);

    internal void Checkpointed(TimeSpan duration) => _checkpointDuration.Record(duration.TotalSeconds);

    /// <param name="appendedAt">Of the first message of a batch that is durable now, ms since the epoch.</param>
    internal void Durable(long appendedAt) =>
        _latency.Record(Math.Max(0, _clock.GetUtcNow().ToUnixTimeMilliseconds() - appendedAt) / 1000.0);

    /// <param name="look">How ingest stands; asked whenever somebody looks at the metrics.</param>
    internal void Observe(Func<IngestStatus> look)
    {
        Count("grainsensors.ingest.readings", "{reading}", "Readings taken into windows, each once however often it was fetched.", totals => totals.Readings);
        Count("grainsensors.ingest.late_readings", "{reading}", "Readings whose window should have been closed when they came.", totals => totals.Late);
        Count("grainsensors.ingest.closed_windows", "{window}", "Windows that became final.", totals => totals.Closed);
        Count("grainsensors.ingest.rewinds", "{rewind}", "How often a partition went back to its checkpoint.", totals => totals.Rewinds);
        Count("grainsensors.ingest.missed_messages", "{message}", "Messages that the log had dropped before they were read.", totals => totals.Missed);
        var rejects = Array.ConvertAll(Reasons, reason => (Tag: KeyValuePair.Create("reason", (object?)reason), Total: new Monotone()));
        _meter.CreateObservableCounter(
            "grainsensors.ingest.rejected_messages",
            () =>
            {
                var counts = look().Totals.Rejects.ByReason;
                return rejects.Select(reject => new Measurement<long>(reject.Total.Raise(counts.GetValueOrDefault((string)reject.Tag.Value!)), reject.Tag));
            },
            "{message}",
            "Messages that are no readings and went to the dead letters.");

        _meter.CreateObservableCounter(
            "grainsensors.alerts.published",
            () => from kind in Kinds
                  from transition in Transitions
                  select new Measurement<long>(
                      Volatile.Read(ref _alerts[IndexOf(kind, transition)]),
                      new("kind", kind.Name()),
                      new("transition", transition.ToString().ToLowerInvariant())),
            "{alert}",
            "Steps in the life of alerts that are in the log topic; after a failure one may be there twice.");

        Gauge("grainsensors.ingest.lag", "{message}", "Messages in the log that are not yet in a window.", partition => partition.Lag);
        Gauge("grainsensors.ingest.open_windows", "{window}", "Windows that are yet to be closed.", partition => partition.OpenWindows);
        _meter.CreateObservableGauge(
            "grainsensors.ingest.checkpoint.age",
            () => look().Partitions.Select(partition => new Measurement<double>(Age(partition), Of(partition))),
            "s",
            "Since the last checkpoint, or since the partition was assigned; 0 while everything in the log is durable.");
        Gauge("grainsensors.ingest.stalled_partitions", "{partition}", "1: the partition waits for a server, see the log.", partition => partition.Trouble is null ? 0 : 1);

        void Count(string name, string unit, string description, Func<IngestTotals, long> value)
        {
            var total = new Monotone();
            _meter.CreateObservableCounter(name, () => total.Raise(value(look().Totals)), unit, description);
        }

        void Gauge(string name, string unit, string description, Func<PartitionStatus, long> value) => _meter.CreateObservableGauge(
            name, () => look().Partitions.Select(partition => new Measurement<long>(value(partition), Of(partition))), unit, description);
    }

    private static int IndexOf(AlertKind kind, AlertTransition transition) =>
        (Array.IndexOf(Kinds, kind) * Transitions.Length) + Array.IndexOf(Transitions, transition);

    /// <summary>A partition that has waited for its first checkpoint since it was assigned is the one an alarm has to see.</summary>
    private double Age(PartitionStatus partition) => partition.IsReady && partition.Checkpointed >= partition.EndOffset
        ? 0
        : Math.Max(0, EpochTime.Now(_clock) - Math.Max(partition.AssignedAt, partition.CheckpointedAt)) / (double)EpochTime.MicrosPerSecond;

    private static KeyValuePair<string, object?> Of(PartitionStatus partition) => new(Partition, partition.Partition);

    /// <summary>While a partition is handed over it is counted nowhere for a moment; a counter that falls would look like a new process.</summary>
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
