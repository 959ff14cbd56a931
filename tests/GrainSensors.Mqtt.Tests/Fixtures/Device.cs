using System.Text;
using MQTTnet;
using MQTTnet.Protocol;

namespace GrainSensors.Mqtt.Tests.Fixtures;

/// <summary>Publishes, with quality of service 1 each message again until the broker has acknowledged it.</summary>
internal sealed class Device(int port, MqttQualityOfServiceLevel quality = MqttQualityOfServiceLevel.AtLeastOnce) : IDisposable
{
    /// <summary>A device tries again while the broker is away, which tells nobody when it is back.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    private readonly MqttClientOptions _options = new MqttClientOptionsBuilder()
        .WithTcpServer("127.0.0.1", port).WithCleanStart().WithTimeout(TimeSpan.FromSeconds(5)).Build();

    public async Task PublishAsync(string topic, string payload, CancellationToken cancellationToken = default)
    {
        var message = new MqttApplicationMessage
        {
            Topic = topic,
            PayloadSegment = Encoding.UTF8.GetBytes(payload),
            QualityOfServiceLevel = quality,
        };
        while (true)
        {
            try
            {
                if (!_client.IsConnected)
                {
                    await _client.ConnectAsync(_options, cancellationToken);
                }

                await _client.PublishAsync(message, cancellationToken);
                return;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Retry, cancellationToken);
            }
        }
    }

    public void Dispose() => _client.Dispose();
}
