using Confluent.Kafka;
using GrainSensors.Core.Readings;
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
        var classifier = new MessageClassifier(deadLetters, "the engine");
        var sensors = request.SensorIds?.ToHashSet();
        var ambiguous = new HashSet<(int, long)>();
        var taken = 0L;
        using var loading = readings.Load();
        using var schemas = new SourceSchemas();
        var numbering = new MessageNumbering(names, Take, cancellationToken);
        var readFrom = new Dictionary<SourceId, long>();
        foreach (var topic in log.Topics.Where(topic => ranges.Any(range => range.Source.TopicId == topic.Id)))
        {
            ReadTopic(topic, [.. ranges.Where(range => range.Source.TopicId == topic.Id)]);
        }

        numbering.Flush();
        return new(taken, classifier.Disagreements)
        {
            HasMoreDisagreements = classifier.HasMore,
            ReadFrom = readFrom,
            Ambiguous = ambiguous,
        };

        void ReadTopic(LogTopic topic, SourceRange[] ofTopic)
        {
            var reader = new MessageReader(topic, ofTopic, new(topic, request, schemas), classifier);
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

        void Take(MessageNumbering.Item item)
        {
            var message = item.Message;
            if ((item.IsAmbiguous ? message.IsReading : classifier.IsReading(in item))
                && message.EventTime >= request.From && message.EventTime < request.To && sensors?.Contains(message.SensorId) != false)
            {
                if (item.IsAmbiguous)
                {
                    ambiguous.Add((message.SensorId, request.Period.StartOf(message.EventTime)));
                    return;
                }

                if (message.SensorId == SensorName.NoNumber)
                {
                    classifier.AddUnnumbered(item.Place, message, item.Written);
                    return;
                }

                loading.Add(message.SensorId, message.EventTime, message.Values, message.Others);
                taken++;
            }
        }
    }
}
