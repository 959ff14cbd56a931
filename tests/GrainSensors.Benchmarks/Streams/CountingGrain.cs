using System.Globalization;
using GrainSensors.Ingest.Kafka;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace GrainSensors.Benchmarks.Streams;

public interface ICountingGrain : IGrainWithStringKey;

/// <summary>Counts the messages of a stream.</summary>
[ImplicitStreamSubscription(Namespace)]
public sealed class CountingGrain(DeliveryCounts counts) : Grain, ICountingGrain, IStreamSubscriptionObserver, IAsyncObserver<byte[]>
{
    public const string Namespace = "readings";

    private int _partition;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _partition = KeyPartitioner.PartitionOf(int.Parse(this.GetPrimaryKeyString(), CultureInfo.InvariantCulture), counts.Partitions);
        return Task.CompletedTask;
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<byte[]>().ResumeAsync(this);

    public Task OnNextAsync(byte[] item, StreamSequenceToken? token = null)
    {
        counts.Add(_partition);
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}
