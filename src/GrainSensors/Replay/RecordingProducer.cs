using GrainSensors.Hosting.Configuration;
using GrainSensors.Ingest.Producing;
using GrainSensors.Terminal;

namespace GrainSensors.Replay;

/// <summary>Produces a recording to Kafka at the requested speed.</summary>
internal sealed class RecordingProducer(CsvReadings csv, BulkReadingProducer producer, ReplaySpeed speed, TimeProvider clock)
{
    public Recording Recording { get; } = new();

    /// <summary>Share of the file that has been produced, 0 to 1; null: the size of the file is unknown.</summary>
    public double? Progress { get; private set; }

    /// <exception cref="UsageException">Kafka refused readings.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (csv.Read(out var reading, out var error))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (error is not null)
            {
                Recording.Reject(csv.Line, error);
                continue;
            }

            Recording.Add(csv.Sensor, reading.Timestamp);
            if (csv.HasLabels)
            {
                Recording.Labels.Add(new(csv.Sensor, reading.Timestamp, csv.IsEvent));
            }

            var recorded = Recording.LastTimestamp - Recording.FirstTimestamp;
            while (speed.WaitBefore(recorded, clock.GetElapsedTime(started)) is { } wait)
            {
                await producer.SendAsync(cancellationToken);
                await Task.Delay(wait, clock, cancellationToken);
            }

            await (csv.NameUtf8.IsEmpty
                ? producer.AppendAsync(reading.SensorId, csv.ToJson(reading), cancellationToken: cancellationToken)
                : producer.AppendAsync(csv.NameUtf8, csv.ToJson(reading), cancellationToken));
            Progress = csv.Progress;
        }

        await producer.SendAsync(cancellationToken);
        await producer.FlushAsync(cancellationToken);
        Progress = 1;
        if (producer.Failed > 0)
        {
            throw new UsageException($"Kafka refused {producer.Failed} of {Plural.Of(Recording.Readings, "reading")}: {producer.Failure}");
        }
    }
}
