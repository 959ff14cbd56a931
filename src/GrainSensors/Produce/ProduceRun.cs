using GrainSensors.Core.Time;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Lifetime;
using GrainSensors.Hosting.Pipeline;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Ingest.Producing;
using GrainSensors.Invocation;
using GrainSensors.Terminal;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Produce;

/// <summary>Runs <c>produce</c> from the first reading to the summary.</summary>
internal sealed class ProduceRun(PipelineSettings settings, ProduceRequest request, TimeProvider clock)
{
    private const string HeldBack = "held back: the embedded broker is full until consumers catch up";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(20);

    /// <summary>Time for the last acknowledgements. A lost broker must not keep the command from ending.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(10);

    /// <param name="stop">Ends the command before its time.</param>
    /// <exception cref="KafkaUnavailableException">Kafka cannot be reached.</exception>
    public async Task<int> RunAsync(bool json, CancellationToken stop)
    {
        await KafkaPreparation.EnsureTopicsAsync(settings.Kafka);
        await using var services = PipelineHost.BuildProducer(settings.Kafka, Linger);
        var producer = services.GetRequiredService<BulkReadingProducer>();
        Confirmation.Announce($"Producing to topic {settings.Kafka.Topic} of Kafka {settings.Kafka.BootstrapServers}");

        var started = clock.GetTimestamp();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var timer = request.For is { } time ? clock.CreateTimer(_ => ended.Cancel(), null, time, Timeout.InfiniteTimeSpan) : null;
        var progress = new ProduceProgress(request.For, clock);
        await progress.ShowAsync(
            ProduceAsync(producer, ended.Token),
            () => new(producer.Sent, producer.Acknowledged, producer.Failed, producer.IsHolding ? HeldBack : producer.Failure));
        var elapsed = clock.GetElapsedTime(started);
        await FlushAsync(producer);

        var summary = new ProduceSummary(
            settings.Kafka.BootstrapServers,
            settings.Kafka.Topic,
            request.Sensors,
            producer.Sent,
            producer.Acknowledged,
            producer.Sent - producer.Acknowledged,
            elapsed.TotalSeconds,
            producer.Failure);
        Console.WriteLine(json ? summary.ToJson() : summary.ToText());
        return summary.NotAcknowledged > 0 ? ExitCodes.SomethingRejected : ExitCodes.Success;
    }

    private async Task ProduceAsync(BulkReadingProducer producer, CancellationToken stop)
    {
        // At full speed this loop never waits, so it must leave the thread that shows the progress.
        await Task.Yield();
        var isSlow = request.Rate <= request.Sensors;
        var fleet = new Fleet(request.Sensors, request.FirstId, request.Errors, settings.Measurements, wholeSeconds: isSlow);
        var pace = new Pace(request.Rate, clock);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var due = pace.Due();
                for (var i = 0; i < due; i++)
                {
                    var (sensorId, reading) = fleet.Next(EpochTime.Now(clock));
                    await producer.AppendAsync(sensorId, reading, request.Keyed, stop);
                }

                if (due == 0)
                {
                    await producer.SendAsync(stop);
                    await Task.Delay(Step, clock, stop);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over, or Ctrl-C. A reading that the client has not accepted by then counts as not produced.
        }
    }

    private async Task FlushAsync(BulkReadingProducer producer)
    {
        using var timeout = new CancellationTokenSource(FlushTimeout, clock);
        try
        {
            await producer.FlushAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // The summary counts the rest as not acknowledged.
        }
    }
}
