using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.CodeGeneration;
using Orleans.GrainReferences;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Serializers;

namespace Orleans.Streaming.Kafka.Internals.Handshakes;

/// <summary>
/// Creates the references of pulling agents to subscribers, whose calls <see cref="BoundedHandshakes"/> makes. A call filter would
/// do, too, but every call of the silo would go through it.
/// </summary>
internal sealed class SubscriberReferences(IServiceProvider services) : IGrainReferenceActivatorProvider
{
    private const string Subscriber = "Orleans.Streams.IStreamConsumerExtension";

    public bool TryGet(GrainType grainType, GrainInterfaceType interfaceType, [NotNullWhen(true)] out IGrainReferenceActivator? activator)
    {
        activator = null;
        if (interfaceType.ToString() != Subscriber)
        {
            return false;
        }

        foreach (var provider in services.GetServices<IGrainReferenceActivatorProvider>().Where(provider => provider != this))
        {
            if (provider.TryGet(grainType, interfaceType, out var original))
            {
                activator = new Activator(original.CreateReference(GrainId.Create(grainType, "any")), Share(grainType, interfaceType));
                return true;
            }
        }

        return false;
    }

    private GrainReferenceShared Share(GrainType grainType, GrainInterfaceType interfaceType) => new(
        grainType,
        interfaceType,
        interfaceVersion: 0,
        ActivatorUtilities.CreateInstance<BoundedHandshakes>(services, services.GetService<TimeProvider>() ?? TimeProvider.System),
        InvokeMethodOptions.None,
        services.GetRequiredService<CodecProvider>(),
        services.GetRequiredService<CopyContextPool>(),
        services);

    /// <param name="original">A reference of the type that Orleans has generated.</param>
    private sealed class Activator(GrainReference original, GrainReferenceShared shared) : IGrainReferenceActivator
    {
        private readonly ConstructorInvoker _create = ConstructorInvoker.Create(original.GetType().GetConstructor(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [typeof(GrainReferenceShared), typeof(IdSpan)])!);

        public GrainReference CreateReference(GrainId grainId) => (GrainReference)_create.Invoke(shared, grainId.Key);
    }
}
