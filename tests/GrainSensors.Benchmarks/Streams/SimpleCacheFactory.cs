using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Providers.Streams.Common;
using Orleans.Streams;

namespace GrainSensors.Benchmarks.Streams;

/// <summary>The provider's adapter with Orleans' SimpleQueueCache.</summary>
internal sealed class SimpleCacheFactory(IQueueAdapterFactory inner, string provider, ILoggerFactory loggers)
    : IQueueAdapterFactory, IDisposable
{
    private readonly SimpleQueueAdapterCache _cache = new(new SimpleQueueCacheOptions(), provider, loggers);

    [Obsolete("Orleans calls the overload with a CancellationToken.")]
    public Task<IQueueAdapter> CreateAdapter() => inner.CreateAdapter();

    public Task<IQueueAdapter> CreateAdapter(CancellationToken cancellationToken) => inner.CreateAdapter(cancellationToken);

    public IQueueAdapterCache GetQueueAdapterCache() => _cache;

    public IStreamQueueMapper GetStreamQueueMapper() => inner.GetStreamQueueMapper();

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) => inner.GetDeliveryFailureHandler(queueId);

    public void Dispose() => (inner as IDisposable)?.Dispose();
}
