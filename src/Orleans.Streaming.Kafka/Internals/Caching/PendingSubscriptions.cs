using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Orleans.Streaming.Diagnostics;
using Orleans.Streaming.Kafka.Internals.Handshakes;

namespace Orleans.Streaming.Kafka.Internals.Caching;

/// <summary>
/// The subscriptions that a pulling agent knows and has not yet reached: a subscriber is busy until the call ends in which it subscribes.
/// The agent delivers what comes meanwhile later, so it must not be committed. Orleans reports both moments as diagnostic events.
/// </summary>
internal sealed class PendingSubscriptions : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string Source = "Orleans.Streaming";

    private readonly string _provider;
    private readonly SiloAddress _silo;
    private readonly FirstHandshakes _handshakes;
    private readonly ConcurrentDictionary<StreamId, ImmutableHashSet<Guid>> _pending = new();
    private readonly IDisposable _listeners;
    private IDisposable? _events;

    /// <param name="silo">The silo of the agents; a test has several in a process.</param>
    public PendingSubscriptions(string provider, SiloAddress silo, FirstHandshakes handshakes)
    {
        (_provider, _silo, _handshakes) = (provider, silo, handshakes);
        _listeners = DiagnosticListener.AllListeners.Subscribe(this);
    }

    /// <summary>Whether the agent has yet to reach a subscriber of the stream.</summary>
    public bool Has(StreamId stream) => _pending.ContainsKey(stream);

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == Source)
        {
            // Other events, such as those of each message, stay off.
            _events ??= value.Subscribe(
                this,
                name => name is nameof(StreamingEvents.SubscriptionAdded) or nameof(StreamingEvents.SubscriptionAttached)
                    or nameof(StreamingEvents.SubscriptionDetached) or nameof(StreamingEvents.StreamInactive)
                    or nameof(StreamingEvents.PullingAgentStreamRegistered));
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is not StreamingEvents.StreamingEvent { StreamProvider: var provider, SiloAddress: { } silo } streaming
            || provider != _provider || !silo.Equals(_silo))
        {
            return;
        }

        switch (streaming)
        {
            case StreamingEvents.PullingAgentStreamRegistered registered:
                _handshakes.Expect(registered.ProducerGrainId, registered.SubscriberCount);
                break;
            case StreamingEvents.SubscriptionAdded added:
                _pending.AddOrUpdate(
                    added.StreamId, static (_, id) => [id], static (_, pending, id) => pending.Add(id), added.SubscriptionId);
                break;
            case StreamingEvents.SubscriptionAttached attached:
                Remove(attached.StreamId, attached.SubscriptionId);
                break;
            case StreamingEvents.SubscriptionDetached detached:
                Remove(detached.StreamId, detached.SubscriptionId);
                break;
            case StreamingEvents.StreamInactive inactive:
                _pending.TryRemove(inactive.StreamId, out _);
                break;
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose()
    {
        _listeners.Dispose();
        _events?.Dispose();
    }

    private void Remove(StreamId stream, Guid subscription)
    {
        while (_pending.TryGetValue(stream, out var pending))
        {
            var left = pending.Remove(subscription);
            if (left.IsEmpty ? _pending.TryRemove(new(stream, pending)) : _pending.TryUpdate(stream, left, pending))
            {
                return;
            }
        }
    }
}
