using Confluent.Kafka;
using GrainSensors.Core.Windows;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Reconciliation.Parsing;
using GrainSensors.Sources.Schemas;
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

    public bool KnowsSources => true;

    public bool KnowsVersions => true;

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
        using var schemas = new SourceSchemas();
        using var loading = readings.Load();
        var selection = new ReadingSelection(request, new(deadLetters, "the engine"), loading.Add);
        var numbering = new MessageNumbering(names, selection.Take, cancellationToken);
        var readFrom = new Dictionary<SourceId, long>();
        foreach (var topic in log.Topics)
        {
            var ofTopic = ranges.Where(range => range.Source.TopicId == topic.Id).ToList();
            if (ofTopic.Count > 0)
            {
                ReadTopic(topic, ofTopic, new(topic, ofTopic, new(topic, request, schemas), selection.Classifier));
            }
        }

        numbering.Flush();
        return selection.Result with { ReadFrom = readFrom };

        void ReadTopic(LogTopic topic, List<SourceRange> ofTopic, MessageReader reader)
        {
            using var consumer = log.Reader<byte[]?, byte[]?>(topic.Source is null ? "timestamp" : "headers,timestamp").Build();
            var offsets = ofTopic.Select(range => new OffsetRange(range.Source.Partition, range.Begin, range.End));
            var overtaken = LogRead.Run(consumer, topic.Name, offsets, Read, cancellationToken);
            consumer.Close();
            foreach (var (partition, offset) in overtaken)
            {
                readFrom.Add(topic.SourceOf(partition), offset);
            }

            void Read(ConsumeResult<byte[]?, byte[]?> record)
            {
                Volatile.Write(ref _read, _read + 1);
                reader.Read(record, numbering);
            }
        }
    }
}
