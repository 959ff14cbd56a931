using Avro.Generic;
using Orleans.Streaming.Kafka.Tests.Clusters;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Orleans.Streaming.Kafka.SchemaRegistry.Tests;

public interface IRecordGrain : IGrainWithStringKey;

/// <summary>Records the numbers of the Avro records in its stream.</summary>
[ImplicitStreamSubscription(Namespace)]
public sealed class RecordGrain(Journal journal)
    : Grain, IRecordGrain, IStreamSubscriptionObserver, IAsyncObserver<GenericRecord>
{
    public const string Namespace = "records";

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) =>
        handleFactory.Create<GenericRecord>().ResumeAsync(this);

    public Task OnNextAsync(GenericRecord item, StreamSequenceToken? token = null) => journal.AddAsync(
        new("grain", this.GetPrimaryKeyString(), new((int)item["number"]), (KafkaSequenceToken)token!));

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}
