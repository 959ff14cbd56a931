using GrainSensors.Contracts.Sensors;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Storage.Sensors;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Dashboard;

namespace GrainSensors.Grains.Sensors;

/// <summary>Produces the readings of one sensor, simulated or reported.</summary>
/// <remarks>
/// The grain has no durable state. To keep a simulation running after its silo died, call
/// <see cref="ISensorGrain.StartSimulation"/> again.
/// </remarks>
[NoProfiling] // thousands of them report every second
[Reentrant] // Kafka may take long to acknowledge, and readings do not depend on each other
public sealed class SensorGrain(
    MeasurementSet measurements,
    ReadingWriter writer,
    AcceptedTimes acceptedTimes,
    IReadingPublisher publisher,
    PublishOutage outage,
    IOptions<SimulationOptions> options,
    TimeProvider clock,
    ISensorRegistry? registry = null) : Grain, ISensorGrain
{
    private const int StackBytes = 512;
    private int _sensorId;
    private SimulatedSensor? _simulated;
    private IGrainTimer? _timer;
    private long _due;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyLong();
        if (key is < 0 or > int.MaxValue)
        {
            throw new ArgumentException($"The key of a sensor must be a sensor id from 0 to {int.MaxValue}; got {key}.");
        }

        _sensorId = (int)key;
        return Task.CompletedTask;
    }

    public async Task StartSimulation()
    {
        // A lasting fault ends when its tag is removed.
        if (_timer is not null && _simulated is { Lasting.Kind: LastingFaultKind.None })
        {
            return;
        }

        var registered = registry is null ? null : await registry.FindAsync(_sensorId, CancellationToken.None);
        _simulated = new(_sensorId, measurements, options.Value.Seed, offset: registered?.Offset ?? 0)
        {
            Lasting = LastingFault.Of(registered?.Tags ?? SensorTags.None),
        };
        if (_timer is not null)
        {
            return; // it runs, or another call was faster
        }

        var now = EpochTime.Now(clock);
        _due = Cadence.First(_sensorId, now);

        // Each tick schedules the next one after its acknowledgement, so that a slow Kafka does not pile up ticks.
        _timer = this.RegisterGrainTimer(
            static (sensor, _) => sensor.ProduceAsync(),
            this,
            new GrainTimerCreationOptions(EpochTime.ToTimeSpan(_due - now), EpochTime.ToTimeSpan(Cadence.Interval)) { KeepAlive = true });
    }

    public Task StopSimulation()
    {
        _timer?.Dispose();
        _timer = null;
        return Task.CompletedTask;
    }

    public Task Report(SensorReport report) =>
        PublishAsync(ReportedReading.From(_sensorId, report, measurements, acceptedTimes, EpochTime.Now(clock)));

    private async Task ProduceAsync()
    {
        var moment = EpochTime.Now(clock);
        try
        {
            if (!_simulated!.Lasting.IsSilentAt(moment))
            {
                await PublishAsync(_simulated.ReadingAt(moment));
                outage.Succeeded();
            }
        }
        catch (Exception e)
        {
            outage.Failed(e);
        }

        var now = EpochTime.Now(clock);
        _due = Cadence.Next(_sensorId, _due, now);
        _timer?.Change(EpochTime.ToTimeSpan(_due - now), EpochTime.ToTimeSpan(Cadence.Interval));
    }

    private Task PublishAsync(in Reading reading)
    {
        var buffer = writer.MaxLength <= StackBytes ? stackalloc byte[StackBytes] : new byte[writer.MaxLength];
        return publisher.PublishAsync(reading.SensorId, buffer[..writer.Write(reading, buffer)]);
    }
}
