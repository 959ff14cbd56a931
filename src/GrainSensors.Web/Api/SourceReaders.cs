using System.Collections.Concurrent;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Schemas;
using Microsoft.Extensions.ObjectPool;

namespace GrainSensors.Web.Api;

/// <summary>Readers of sources for requests. One thread at a time may use a reader, and compiling its mapping costs much.</summary>
internal sealed class SourceReaders(SourceSchemas schemas)
{
    private readonly ConcurrentDictionary<SourceOptions, ObjectPool<SourceReader>> _pools = new(ReferenceEqualityComparer.Instance);
    private readonly SourceSchemas _schemas = schemas;
    private int _compiled;

    /// <summary>The number of mappings that were compiled.</summary>
    public int Compiled => Volatile.Read(ref _compiled);

    /// <returns>The readers of a source, from which a request takes one.</returns>
    public ObjectPool<SourceReader> Of(SourceOptions source) =>
        _pools.GetOrAdd(source, static (source, readers) => new DefaultObjectPool<SourceReader>(new Policy(source, readers)), this);

    private sealed class Policy(SourceOptions source, SourceReaders readers) : PooledObjectPolicy<SourceReader>
    {
        public override SourceReader Create()
        {
            Interlocked.Increment(ref readers._compiled);
            return new(source, readers._schemas);
        }

        public override bool Return(SourceReader obj) => true;
    }
}
