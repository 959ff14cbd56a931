using Orleans.Streams;
using Orleans.Streams.Core;

namespace GrainSensors.Benchmarks.Streams;

/// <summary>How many messages all grains were given.</summary>
public sealed class DeliveryCount
{
    private long _value;

    public long Value => Volatile.Read(ref _value);

    public void Add() => Interlocked.Increment(ref _value);
}

public interface ICountingGrain : IGrainWithStringKey;

/// <summary>Counts the messages of a stream.</summary>
[ImplicitStreamSubscription(Namespace)]
public sealed class CountingGrain(DeliveryCount count) : Grain, ICountingGrain, IStreamSubscriptionObserver, IAsyncObserver<byte[]>
{
    public const string Namespace = "readings";

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<byte[]>().ResumeAsync(this);

    public Task OnNextAsync(byte[] item, StreamSequenceToken? token = null)
    {
        count.Add();
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}
