using System.Reflection;
using Xunit.v3;

namespace GrainSensors.Browser.Tests.Fixtures;

/// <summary>Closes the pages of a test at its end. Open pages are updated every second, which slows the later tests down.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class ClosesPagesAttribute : BeforeAfterTestAttribute
{
    public override void After(MethodInfo methodUnderTest, IXunitTest test) => _ = Chromium.CloseAsync(test);
}
