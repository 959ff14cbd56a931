using GrainSensors.Contracts.Sensors;
using GrainSensors.Core.Readings;
using GrainSensors.Grains.Sensors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;

namespace GrainSensors.Cluster.Tests.Sensors;

/// <summary>One silo with sensors, whose grains and their timers live by a clock of the test; Orleans itself by the real one.</summary>
public sealed class SensorCluster : IAsyncLifetime
{
    private InProcessTestCluster? _cluster;

    internal FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 23, 10, 15, 0, TimeSpan.Zero));

    internal RecordingPublisher Publisher { get; }

    internal RecordedLog<PublishOutage> Log { get; } = new();

    public SensorCluster() => Publisher = new(Clock);

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.Services
            .AddSingleton<TimeProvider>(Clock)
            .UseTimeProviderForBackgroundAreas(TimeProvider.System)
            .AddSingleton(MeasurementSet.Default)
            .AddSingleton<IReadingPublisher>(Publisher)
            .AddSingleton<ILogger<PublishOutage>>(Log)
            .AddSensors());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    internal ISensorGrain Sensor(long sensorId) => _cluster!.Client.GetGrain<ISensorGrain>(sensorId);

    /// <summary>Lets a second pass, until the sensor's tick in it is over.</summary>
    internal async Task PassSecondAsync(int sensorId)
    {
        var attempts = Publisher.AttemptsOf(sensorId);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Until.Async(
            () => Publisher.AttemptsOf(sensorId) > attempts,
            () => $"the sensor has tried {Publisher.AttemptsOf(sensorId)} times",
            TimeSpan.FromSeconds(20));

        // The tick schedules the next one in its own turn, which is over when another call has had one.
        await Sensor(sensorId).StartSimulation();
    }
}
