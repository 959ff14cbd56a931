using Microsoft.Extensions.DependencyInjection;
using Orleans.Streams;
using Orleans.Streaming.Kafka.Internals.Messages;

namespace Orleans.Streaming.Kafka.Internals;

/// <summary>A provider of this process, for the messages that its subscribers receive.</summary>
internal sealed class MessageOrigin(IServiceProvider services, string provider) : IMessageOrigin
{
    // The provider creates the factory when it starts, which may be later than this object.
    private readonly Lazy<KafkaAdapterFactory> _factory =
        new(() => (KafkaAdapterFactory)services.GetRequiredKeyedService<IQueueAdapterFactory>(provider));

    public string Servers => _factory.Value.Connection.Clients.Options.BootstrapServers;

    public string Group => _factory.Value.Connection.Clients.Group;

    public void FormatUnavailable(string topic, int partition)
    {
        if (_factory.Value is { IsStarted: true, Connection: var connection })
        {
            connection.FormatUnavailable(topic, partition);
        }
    }

    public bool TryReject(DeadLetter letter) => _factory.Value.Connection.Unreadable.TryReject(letter);
}
