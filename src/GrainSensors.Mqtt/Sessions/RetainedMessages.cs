using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Connections;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace GrainSensors.Mqtt.Sessions;

/// <summary>
/// Takes the messages that a broker retains. A shared subscription does not get them, so the owner of the first slot subscribes once more,
/// alone and for a moment, and takes only messages that the broker marks as retained.
/// </summary>
internal static class RetainedMessages
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    public static async Task TakeAsync(BridgeContext context, IEnumerable<MqttTopicOptions> topics, CancellationToken cancellationToken)
    {
        var broker = context.Broker;
        await using var connection = await MqttConnection.OpenAsync(
            broker,
            $"{broker.ClientIdPrefix}-{broker.Name}-retained",
            persists: false,
            context.Producer,
            context.Counters,
            static message => message.Retain,
            cancellationToken);
        await connection.SubscribeAsync(
            topics.Select(topic => new MqttTopicFilter
            {
                Topic = topic.Filter,
                QualityOfServiceLevel = (MqttQualityOfServiceLevel)topic.Qos,
                RetainHandling = MqttRetainHandling.SendAtSubscribe,
            }),
            cancellationToken);
        await UntilQuietAsync(context, connection, cancellationToken);
        await connection.CloseAsync(endSession: true);
    }

    /// <summary>Waits until no wanted message has come for a while, and Kafka has all of them.</summary>
    /// <exception cref="MqttBridgeException">The connection has ended before.</exception>
    public static async Task UntilQuietAsync(BridgeContext context, MqttConnection connection, CancellationToken cancellationToken)
    {
        var (count, since) = (connection.Wanted, context.Clock.GetTimestamp());
        while (context.Clock.GetElapsedTime(since) < context.Timings.Quiet || !connection.IsIdle)
        {
            await Task.WhenAny(connection.Ended, Task.Delay(Poll, context.Clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (connection.Ended.IsCompleted)
            {
                throw new MqttBridgeException(await connection.Ended);
            }

            if (connection.Wanted != count)
            {
                (count, since) = (connection.Wanted, context.Clock.GetTimestamp());
            }
        }
    }
}
