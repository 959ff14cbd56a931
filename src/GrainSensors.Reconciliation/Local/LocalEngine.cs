using Confluent.Kafka;
using GrainSensors.Reconciliation.Log;
using GrainSensors.Reconciliation.Model;
using GrainSensors.Storage.Reconciliation;

namespace GrainSensors.Reconciliation.Local;

/// <summary>Recomputes windows in this process: from Kafka into DuckDB, which runs the one definition.</summary>
/// <param name="options">Where it may put what does not fit into memory.</param>
public sealed class LocalEngine(IReadingLog log, LocalEngineOptions options) : IRecomputation
{
    /// <summary>More of them help nobody who reads them.</summary>
    private const int MostDisagreements = 10_000;

    private DuckReadings? _readings;
    private long _read;

    public string Name => "local";

    /// <summary>How many messages were read so far; for whoever feeds a broker that keeps little.</summary>
    public long Read => Volatile.Read(ref _read);

    public Task<LogReading> ReadAsync(
        ReconciliationRun run, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets letters, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Folder, $"grainsensors-reconcile-{Guid.NewGuid():N}")).FullName;
        _readings = new(folder, options.Memory, request.Measurements.Count);

        // It waits for the broker, and nobody else needs this thread.
        return Task.Factory.StartNew(
            () => ReadAll(_readings, request, ranges, letters, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public IAsyncEnumerable<RecomputedWindow> WindowsAsync(ReconciliationRequest request, CancellationToken cancellationToken) =>
        _readings!.QueryAsync(
            WindowsStatement.ForAll(
                request.Period.TotalMicros, request.From, request.To, [.. request.Measurements.Select(measurement => measurement.Name)]),
            cancellationToken);

    public ValueTask DisposeAsync()
    {
        _readings?.Dispose();
        return default;
    }

    private LogReading ReadAll(
        DuckReadings readings, ReconciliationRequest request, IReadOnlyList<SourceRange> ranges, DeadLetterOffsets letters, CancellationToken cancellationToken)
    {
        var disagreements = new List<ParseDisagreement>();
        var sensors = request.SensorIds?.ToHashSet();
        var taken = 0L;
        using var loading = readings.Load();
        using var consumer = log.Reader<ParsedMessage>("none")
            .SetValueDeserializer(new ContractParser(request.Measurements, request.Earliest)).Build();
        var overtaken = LogRead.Run(
            consumer, log.Topic, ranges.Select(range => new LogRead.OffsetRange(range.Source.Partition, range.Begin, range.End)), Take, cancellationToken);
        consumer.Close();
        return new(taken, disagreements) { ReadFrom = overtaken };

        void Take(ConsumeResult<Ignore, ParsedMessage> record)
        {
            Volatile.Write(ref _read, _read + 1);
            var (partition, offset, message) = (record.Partition.Value, record.Offset.Value, record.Message.Value);
            if (letters.TryFind(partition, offset, out var letter) && letter.IsAbout(message))
            {
                if (message.IsReading && letter.IsOfContents)
                {
                    Disagree(false, $"rejected by the stream as {letter.Reason}, a reading to the engine");
                }

                return;
            }

            if (!message.IsReading)
            {
                if (!letters.AreIncomplete)
                {
                    Disagree(true, $"no dead letter, and no reading to the engine: {message.Fault}");
                }

                return;
            }

            if (message.EventTime >= request.From && message.EventTime < request.To && sensors?.Contains(message.SensorId) != false)
            {
                loading.Add(message.SensorId, message.EventTime, message.Values);
                taken++;
            }

            void Disagree(bool takenByStream, string why)
            {
                if (disagreements.Count < MostDisagreements)
                {
                    disagreements.Add(new(new(partition, offset), takenByStream, why));
                }
            }
        }
    }
}

/// <param name="Folder">For what does not fit into memory.</param>
/// <param name="Memory">What DuckDB may use, as it takes it: <c>1GB</c>.</param>
public sealed record LocalEngineOptions(string Folder, string Memory = "1GB");
