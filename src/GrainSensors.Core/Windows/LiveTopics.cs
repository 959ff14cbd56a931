using System.Collections.Immutable;

namespace GrainSensors.Core.Windows;

/// <summary>The topics that the silos read at present, as far as this silo knows. Sources of other topics bring nothing any more.</summary>
public sealed class LiveTopics
{
    private volatile ImmutableHashSet<Guid> _ids = [];

    /// <summary>The ids of the topics, replaced as a whole when they change; empty: this silo has not asked yet.</summary>
    public IReadOnlySet<Guid> Ids => _ids;

    public void Set(IEnumerable<Guid> ids)
    {
        var all = ids.ToImmutableHashSet();
        if (!_ids.SetEquals(all))
        {
            _ids = all;
        }
    }
}
