using GrainSensors.Mqtt.Configuration;
using GrainSensors.Mqtt.Connections;
using GrainSensors.Storage.Mqtt;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace GrainSensors.Mqtt.Sessions;

/// <summary>
/// The subscriptions of a session. The broker keeps them, so those that the configuration no longer has are ended; the database records
/// which there are.
/// </summary>
/// <param name="slot">With the recorded subscriptions.</param>
internal sealed class SessionSubscriptions(BridgeContext context, MqttSlot slot)
{
    private readonly MqttBrokerOptions _broker = context.Broker;
    private IReadOnlyList<string> _recorded = slot.Filters;

    /// <summary>Makes the subscriptions of the session those of the configuration.</summary>
    public async Task EstablishAsync(MqttConnection connection, CancellationToken cancellationToken)
    {
        var known = connection.Accepted.IsSessionPresent ? _recorded : [];
        var subscriptions = _broker.Topics.Select(topic => _broker.Subscription(topic)).ToList();
        // With MQTT 3.1.1 each subscription sends what is retained once more.
        var begun = _broker.Topics.Where(topic => !known.Contains(_broker.Subscription(topic))).ToList();
        var asked = _broker.Protocol == MqttProtocol.V5 ? [.. _broker.Topics] : begun;
        if (asked.Count > 0)
        {
            await connection.SubscribeAsync(asked.Select(Subscribe), cancellationToken);
        }

        // After the new ones: between them messages would belong to no session. What belongs to both comes twice.
        var ended = known.Except(subscriptions).ToList();
        if (ended.Count > 0)
        {
            await connection.UnsubscribeAsync(ended, cancellationToken);
        }

        if (_broker is { IsShared: true, Retained: true } && slot.Index == 0 && begun.Count > 0)
        {
            await RetainedMessages.TakeAsync(context, begun, cancellationToken);
        }

        // Recorded at last, so that an interrupted start takes what is retained once more.
        if (!_recorded.SequenceEqual(subscriptions))
        {
            await context.Slots.SetFiltersAsync(_broker.Name, context.Member, slot.Index, subscriptions, cancellationToken);
            _recorded = subscriptions;
        }
    }

    /// <summary>Ends all subscriptions. The broker still sends what it has for the session.</summary>
    public async Task EndAsync(MqttConnection connection, CancellationToken cancellationToken)
    {
        if (_recorded.Count > 0)
        {
            await connection.UnsubscribeAsync(_recorded, cancellationToken);
        }
    }

    private MqttTopicFilter Subscribe(MqttTopicOptions topic) => new()
    {
        Topic = _broker.Subscription(topic),
        QualityOfServiceLevel = (MqttQualityOfServiceLevel)topic.Qos,
        RetainHandling = _broker switch
        {
            // MQTT 3.1.1 has no other.
            { Protocol: MqttProtocol.V311 } => MqttRetainHandling.SendAtSubscribe,
            { Retained: true, IsShared: false } => MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly,
            _ => MqttRetainHandling.DoNotSendOnSubscribe,
        },
    };
}
