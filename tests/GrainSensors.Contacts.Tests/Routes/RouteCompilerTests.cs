using GrainSensors.Contacts.Routes;

namespace GrainSensors.Contacts.Tests.Routes;

public sealed class RouteCompilerTests
{
    private const string Tree =
        """
        {"contacts":["ops"],"group_by":["city"],"repeat_interval":"1h","routes":[
          {"match":["severity=critical"],"contacts":["boss"],"continue":true,"group_wait":"0s"},
          {"match":["city=~V.*"],"contacts":["valencia"],"group_by":["..."],"routes":[
            {"match":["kind!=extreme"],"contacts":["sensors"]}]},
          {"match":["city=~V.*","severity=critical"],"contacts":["never"]}]}
        """;

    [Theory]
    [InlineData("city=Sevilla,severity=warning", "ops")]
    [InlineData("city=Sevilla,severity=critical", "boss")]
    [InlineData("city=Valencia,severity=critical,kind=extreme", "boss valencia")]
    [InlineData("city=Valencia,severity=critical,kind=disconnected", "boss sensors")]
    [InlineData("city=Valencia,severity=warning,kind=extreme", "valencia")]
    [InlineData("", "ops")]
    public void An_alert_takes_the_first_route_of_a_level_and_further_ones_where_it_continues(string labels, string contacts) =>
        Assert.Equal(contacts, string.Join(' ', Compile(Tree).Find(Labels(labels)).SelectMany(route => route.Contacts)));

    [Fact]
    public void A_route_inherits_what_it_does_not_set()
    {
        var route = Compile(Tree).Find(Labels("severity=critical")).Single();
        Assert.Equal(
            (TimeSpan.Zero, TimeSpan.FromMinutes(5), TimeSpan.FromHours(1)), (route.GroupWait, route.GroupInterval, route.RepeatInterval));
        Assert.Equal(["city=Valencia"], Pairs(route.GroupOf(Labels("kind=extreme,city=Valencia"))));
        Assert.Empty(route.GroupOf(Labels("kind=extreme")));
    }

    [Fact]
    public void Three_dots_group_by_all_labels()
    {
        var labels = Labels("city=Valencia,kind=extreme");
        Assert.Equal(Pairs(labels), Pairs(Compile(Tree).Find(labels).Single().GroupOf(labels)));
    }

    [Fact]
    public void Keys_of_routes_are_their_conditions_and_are_unique()
    {
        var root = Compile(
            """{"contacts":[],"routes":[{"match":["a=1"],"routes":[{"match":["b=2"]}]},{"match":["a=1"]},{"match":["a = \"1\""]}]}""");
        Assert.Equal(
            ["{}", "{}/{a=\"1\"}", "{}/{a=\"1\"}/{b=\"2\"}", "{}/{a=\"1\"}#2", "{}/{a=\"1\"}#3"], root.All().Select(route => route.Key));
    }

    [Theory]
    [InlineData("{}", "contacts is missing")]
    [InlineData("""{"contacts":["pigeon"]}""", "contacts: there is no contact point \"pigeon\".")]
    [InlineData("""{"contacts":[],"routes":[{"contacts":["ops"]},{"contacts":["pigeon"]}]}""", "routes[1].contacts: there is no contact")]
    [InlineData("""{"contacts":[],"routes":[{"match":["city=~("]}]}""", "routes[0].match[0] has an invalid regular expression \"(\"")]
    [InlineData("""{"contacts":[],"routes":[{"routes":[{"match":["a=b","city"]}]}]}""", "routes[0].routes[0].match[1] must be LABEL=VALUE")]
    [InlineData("""{"contacts":[],"group_wait":"soon"}""", "group_wait must be a duration such as 30s")]
    [InlineData("""{"contacts":[],"group_by":["...","city"]}""", "group_by must be names of labels, or [\"...\"] alone.")]
    [InlineData("""{"contacts":[],"match":["a=b"]}""", "The root takes all alerts")]
    [InlineData("""{"contacts":[],"mute":["night"]}""", "mute: there is no maintenance window \"night\".")]
    [InlineData("""{"contacts":[],"steps":[{"after":"1m"}]}""", "steps[0].contacts is missing")]
    [InlineData(
        """{"contacts":[],"steps":[{"after":"2m","contacts":["ops"]},{"after":"1m","contacts":["ops"]}]}""",
        "steps[1].after must be longer")]
    [InlineData("""{"contacts":[],"routes":[null]}""", "routes[0] must be a route.")]
    [InlineData("""{"contacts":[],"rutas":[]}""", "rutas is not a member of routes")]
    [InlineData("""{"contacts":"ops"}""", "contacts has a value of another type")]
    [InlineData("""{"contacts":[],"maintenance":[{"name":"a"}]}""", "maintenance[0] must have either from and to, or cron and duration")]
    [InlineData(
        """{"contacts":[],"maintenance":[{"name":"a b","from":"2026-11-24","to":"2026-11-25"}]}""", "maintenance[0] must have a name")]
    [InlineData(
        """{"contacts":[],"maintenance":[{"name":"a","from":"2026-11-24","to":"2026-11-24"}]}""", "a to that is later than from")]
    [InlineData("""{"contacts":[],"maintenance":[{"name":"a","cron":"0 2 * *","duration":"1h"}]}""", "cron must be five fields")]
    [InlineData("""{"contacts":[],"maintenance":[{"name":"a","cron":"0 2 * * *","duration":"0s"}]}""", "duration must be")]
    [InlineData(
        """{"contacts":[],"maintenance":[{"name":"a","cron":"0 2 * * *","duration":"1h","time_zone":"Mars"}]}""",
        "time_zone must be a zone such as Europe/Madrid; got \"Mars\".")]
    public void Invalid_routes_are_refused_with_the_member_and_the_cure(string json, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => Compile(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_document_keeps_its_members()
    {
        var document = RouteDocument.Parse(Tree);
        Assert.Equal(document.ToJson(), RouteDocument.Parse(document.ToJson()).ToJson());
        Assert.Contains("\"match\":[\"city=~V.*\"]", document.ToJson(), StringComparison.Ordinal);
    }

    private static Route Compile(string json) =>
        new RouteCompiler(name => name is not "pigeon").Compile(RouteDocument.Parse(json));

    private static IEnumerable<string> Pairs(IReadOnlyDictionary<string, string> labels) =>
        labels.Select(label => $"{label.Key}={label.Value}");

    private static SortedDictionary<string, string> Labels(string text) => new(
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]),
        StringComparer.Ordinal);
}
