using System.Diagnostics.Metrics;
using GrainSensors.Ingest.Producing;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Sessions;
using GrainSensors.Mqtt.Status;
using GrainSensors.Storage.Mqtt;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Mqtt;

/// <summary>Brings the messages of MQTT brokers to Kafka, as they came, while the silo runs.</summary>
public sealed class MqttBridge : BackgroundService
{
    private readonly List<BrokerBridge> _brokers;

    internal MqttBridge(
        MqttOptions options,
        IMqttSlots slots,
        PayloadProducer producer,
        TimeProvider clock,
        ILogger<MqttBridge> logger,
        IMeterFactory? meters = null,
        BridgeTimings? timings = null)
    {
        var member = Guid.CreateVersion7();
        _brokers =
        [
            .. options.Brokers.Select(broker =>
                new BrokerBridge(new(broker, member, slots, producer, new(), timings ?? new(), clock, logger))),
        ];
        if (meters is not null)
        {
            MqttMetrics.Observe(meters, () => Brokers);
        }
    }

    /// <summary>The brokers of the configuration, as this silo sees them.</summary>
    public IReadOnlyList<MqttBrokerStatus> Brokers => _brokers.ConvertAll(broker => broker.Status);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(_brokers.Select(broker => Task.Run(() => broker.RunAsync(stoppingToken), CancellationToken.None)));
}
