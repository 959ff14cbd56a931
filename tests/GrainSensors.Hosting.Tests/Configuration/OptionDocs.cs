using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GrainSensors.Hosting.Tests.Configuration;

/// <summary>The summaries of the options' properties, from the XML documentation beside the assemblies.</summary>
internal static partial class OptionDocs
{
    private static readonly Dictionary<Assembly, Dictionary<string, XElement>> Files = [];

    public static string Of(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        lock (Files)
        {
            if (!Files.TryGetValue(type.Assembly, out var members))
            {
                members = XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{type.Assembly.GetName().Name}.xml"))
                    .Descendants("member").ToDictionary(member => (string)member.Attribute("name")!);
                Files.Add(type.Assembly, members);
            }

            var key = $"P:{type.FullName}.{property.Name}";
            Assert.True(members.TryGetValue(key, out var member), $"{key} has no documentation.");
            return Blanks().Replace(string.Concat(member.Element("summary")!.Nodes().Select(Text)), " ").Trim();
        }
    }

    private static string Text(XNode node) => node switch
    {
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement reference when reference.Attribute("cref") is { } cref => $"`{cref.Value[(cref.Value.LastIndexOf('.') + 1)..]}`",
        XElement element => element.Value,
        XText text => text.Value,
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
