using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Ingest.Producing;

namespace GrainSensors.Replay;

/// <summary>Produces a recording to Kafka at the pace that was asked for.</summary>
internal sealed class RecordingProducer(CsvReadings csv, BulkReadingProducer producer, ReplaySpeed speed, TimeProvider clock)
{
    public Recording Recording { get; } = new();

    /// <summary>How much of the file has been produced, 0…1.</summary>
    public double Progress { get; private set; }

    /// <exception cref="UsageException">Kafka did not take every reading.</exception>
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

            Recording.Add(reading.SensorId, reading.Timestamp);
            if (csv.HasLabels)
            {
                Recording.Labels.Add(new(reading.SensorId, reading.Timestamp, csv.IsEvent));
            }

            var recorded = Recording.LastTimestamp - Recording.FirstTimestamp;
            while (speed.WaitBefore(recorded, clock.GetElapsedTime(started)) is { } wait)
            {
                await producer.SendAsync(cancellationToken);
                await Task.Delay(wait, clock, cancellationToken);
            }

            await producer.AppendAsync(reading.SensorId, csv.ToJson(reading), cancellationToken: cancellationToken);
            Progress = csv.Progress;
        }

        await producer.SendAsync(cancellationToken);
        await producer.FlushAsync(cancellationToken);
        Progress = 1;
        if (producer.Failed > 0)
        {
            throw new UsageException($"Kafka did not take {producer.Failed} of {Recording.Readings} readings: {producer.Failure}");
        }
    }

    /// <summary>How far recorded time has come, for people.</summary>
    public string RecordedTime => Recording.Readings == 0 ? "" : EpochTime.ToIso8601(Recording.LastTimestamp);
}
