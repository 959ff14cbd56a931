using Confluent.Kafka;
using GrainSensors.Core.Readings;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Local;

/// <summary>
/// Recomputes windows in this process: loads the readings from Kafka into DuckDB, which runs the definition of the windows.
/// </summary>
/// <param name="names">The numbers of names; null: no sensor has a name.</param>
public sealed class LocalEngine(IReadingLog log, ISensorNames? names, LocalEngineOptions options) : IRecomputation
{
    private DuckReadings? _readings;
    private long _read;

    public string Name => "local";

    public bool KnowsDiscovered => true;

    public long Read => Volatile.Read(ref _read);

    public Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
        CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.Folder, $"grainsensors-reconcile-{Guid.NewGuid():N}");
        _readings = new(Directory.CreateDirectory(folder).FullName, options.Memory, request.Measurements.Count);

        // The consumer blocks while it waits for the broker, so it gets a thread of its own.
        return Task.Factory.StartNew(
            () => ReadAll(_readings, request, ranges, deadLetters, cancellationToken),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public IAsyncEnumerable<RecomputedWindow> WindowsAsync(ReconciliationRequest request, CancellationToken cancellationToken) =>
        _readings!.QueryAsync(RequestedWindows.Statement(request, discovered: true), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _readings?.Dispose();
        return default;
    }

    private LogReading ReadAll(
        DuckReadings readings, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets deadLetters,
        CancellationToken cancellationToken)
    {
        var classifier = new MessageClassifier(deadLetters, "the engine");
        var sensors = request.SensorIds?.ToHashSet();
        var taken = 0L;
        using var loading = readings.Load();
        var numbering = new MessageNumbering(names, Take, cancellationToken);
        using var consumer = log.Reader<ParsedMessage>("timestamp")
            .SetValueDeserializer(new ContractParser(request)).Build();
        var offsets = ranges.Select(range => new OffsetRange(range.Source.Partition, range.Begin, range.End));
        var overtaken = LogRead.Run(consumer, log.Topic, offsets, Number, cancellationToken);
        consumer.Close();
        numbering.Flush();
        return new(taken, classifier.Disagreements) { HasMoreDisagreements = classifier.HasMore, ReadFrom = overtaken };

        void Number(ConsumeResult<Ignore, ParsedMessage> record)
        {
            Volatile.Write(ref _read, _read + 1);
            numbering.Add(new(
                record.Partition.Value, record.Offset.Value, record.Message.Value, record.Message.Timestamp.UnixTimestampMs * 1000));
        }

        void Take(MessageNumbering.Item item)
        {
            var (partition, offset, message, written) = item;
            if (classifier.IsReading(partition, offset, message, written)
                && message.EventTime >= request.From && message.EventTime < request.To && sensors?.Contains(message.SensorId) != false)
            {
                if (message.SensorId == SensorName.NoNumber)
                {
                    classifier.AddUnnumbered(new(partition, offset), message, written);
                    return;
                }

                loading.Add(message.SensorId, message.EventTime, message.Values, message.Others);
                taken++;
            }
        }
    }
}
