using System.Net;
using System.Net.Sockets;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Ingest.Producing;
using GrainSensors.Mqtt;
using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Run;

/// <summary>The MQTT broker of <c>run</c>, and the source that reads what it gets.</summary>
internal static class LocalMqtt
{
    /// <returns>
    /// The settings with a source for the broker, unless the configuration has one. Configured brokers are left to the silos of a cluster:
    /// <c>run</c> would take their messages away, and its Kafka forgets them.
    /// </returns>
    public static PipelineSettings Prepare(PipelineSettings settings) => settings with
    {
        Mqtt = settings.Mqtt with { Brokers = [] },
        Sources = settings.SourceTopics.Find(MqttBrokerOptions.DefaultKafkaTopic) is null
            ? [.. settings.Sources, MqttSource.Default]
            : settings.Sources,
    };

    /// <param name="port">Null: the usual one, or a free one.</param>
    /// <exception cref="UsageException">The port is in use.</exception>
    public static async Task<EmbeddedMqttBroker> StartAsync(WebApplication host, int? port)
    {
        try
        {
            return await EmbeddedMqttBroker.StartAsync(host.Services.GetRequiredService<PayloadProducer>(), port);
        }
        catch (SocketException e)
        {
            await host.StopAsync(CancellationToken.None);
            throw new UsageException(
                $"Port {port} of {IPAddress.Loopback} cannot be used: {e.Message.TrimEnd('.')}; set --mqtt-port to another port, "
                + "or to 0 for any free port.",
                e);
        }
    }

    /// <returns>A line to paste, which sends a reading.</returns>
    public static string ExampleOf(EmbeddedMqttBroker broker) =>
        $"mosquitto_pub -p {broker.Port} -t sensors/kitchen/telemetry -m '{{\"temperature\":21.5}}'";
}
