using System.Collections.Immutable;
using System.Net;
using GrainSensors.Contracts.Cluster;
using GrainSensors.Hosting.Cluster;
using Orleans.Metadata;

namespace GrainSensors.Hosting.Tests.Cluster;

public sealed class FeatureLevelTests : IDisposable
{
    private static readonly SiloAddress Self = Silo(1);
    private static readonly SiloAddress Other = Silo(2);
    private readonly RecordedLog<FeatureLevel> _log = new();
    private readonly FeatureLevel _level;
    private long _version;

    public FeatureLevelTests() => _level = new(new(3), null!, null!, new LocalSilo(), _log);

    public void Dispose() => _level.Dispose();

    [Fact]
    public void The_level_is_the_lowest_of_the_members()
    {
        Assert.Equal((0, 3), (_level.Current, _level.Own));
        Update([(Self, SiloStatus.Active, 3)]);
        Assert.Equal(3, _level.Current);
        Update([(Self, SiloStatus.Active, 3), (Other, SiloStatus.Active, 2)]);
        Assert.Equal(2, _level.Current);
        Update([(Self, SiloStatus.Active, 3), (Other, SiloStatus.Dead, 2)]);
        Assert.Equal(3, _level.Current);
        Assert.Equal(["3 to 2", "2 to 3"], _log.Lines.Select(message => message.Split("changed from ")[1]));
    }

    [Fact]
    public void A_member_that_states_no_level_has_the_one_of_older_programs()
    {
        Update([(Self, SiloStatus.Active, 3), (Other, SiloStatus.Active, null)]);
        Assert.Equal(0, _level.Current);
    }

    [Fact]
    public void A_member_that_has_just_joined_counts_before_it_has_stated_its_level()
    {
        Update([(Self, SiloStatus.Active, 3)]);
        Update([(Self, SiloStatus.Active, 3), (Other, SiloStatus.Joining, null)]);
        Assert.Equal(3, _level.Current);
        Update([(Self, SiloStatus.Active, 3), (Other, SiloStatus.Active, null)], unknown: Other);
        Assert.Equal(0, _level.Current);
        Update([(Self, SiloStatus.Active, 3), (Other, SiloStatus.Active, 3)]);
        Assert.Equal(3, _level.Current);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void A_member_that_stops_keeps_its_level_until_it_is_gone()
    {
        Update([(Self, SiloStatus.Active, 3), (Other, SiloStatus.Active, 2)]);
        Update([(Self, SiloStatus.Active, 3), (Other, SiloStatus.ShuttingDown, null)], unknown: Other);
        Assert.Equal(2, _level.Current);
        Update([(Self, SiloStatus.Active, 3), (Other, SiloStatus.Dead, null)], unknown: Other);
        Assert.Equal(3, _level.Current);
    }

    [Fact]
    public void A_silo_that_has_not_joined_has_the_level_of_older_programs()
    {
        Update([(Self, SiloStatus.Joining, null), (Other, SiloStatus.Active, 3)], unknown: Self);
        Assert.Equal(0, _level.Current);
    }

    /// <param name="unknown">A member whose manifest this silo does not have.</param>
    private void Update((SiloAddress Silo, SiloStatus Status, int? Level)[] members, SiloAddress? unknown = null)
    {
        var version = ++_version;
        var manifests = members.Where(member => member.Status == SiloStatus.Active && !member.Silo.Equals(unknown))
            .ToImmutableDictionary(member => member.Silo, member => Manifest(member.Level));
        var all = members.ToImmutableDictionary(member => member.Silo, member => new ClusterMember(member.Silo, member.Status, "silo"));
        _level.Update(new(new(version, 0), manifests), new(all, new(version)));
    }

    private static GrainManifest Manifest(int? level)
    {
        var properties = new Dictionary<string, string>();
        var type = GrainInterfaceType.Create("status");
        if (level is { } stated)
        {
            new FeatureLevelStatement(new(stated)).Populate(typeof(IClusterStatusGrain), type, properties);
        }

        var stating = new GrainInterfaceProperties(properties.ToImmutableDictionary(StringComparer.Ordinal));
        return new(
            ImmutableDictionary<GrainType, GrainProperties>.Empty,
            ImmutableDictionary<GrainInterfaceType, GrainInterfaceProperties>.Empty.Add(type, stating));
    }

    private static SiloAddress Silo(int port) => SiloAddress.New(IPAddress.Loopback, port, 1);

    private sealed class LocalSilo : ILocalSiloDetails
    {
        public string Name => "silo";

        public string ClusterId => "cluster";

        public string DnsHostName => "host";

        public SiloAddress SiloAddress => Self;

        public SiloAddress GatewayAddress => Self;
    }
}
