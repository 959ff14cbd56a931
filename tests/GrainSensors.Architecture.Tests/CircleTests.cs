using GrainSensors.Architecture.Tests.Dependencies;
using GrainSensors.Architecture.Tests.Sources;
using Microsoft.CodeAnalysis.CSharp;

namespace GrainSensors.Architecture.Tests;

/// <summary>The search for circles, on small sources.</summary>
public sealed class CircleTests
{
    private static readonly ProjectMap Projects = new(["src/House/House.csproj"]);

    [Fact]
    public void Files_that_use_each_other_form_a_circle()
    {
        var circle = Assert.Single(FileCircles(
            ("src/House/A.cs", "class A { B? b; }"),
            ("src/House/B.cs", "class B { void M() => new C().N(); }"),
            ("src/House/C.cs", "class C { public void N() => A.Equals(null, null); }"),
            ("src/House/D.cs", "class D { A? a; }")));
        Assert.Equal(["src/House/A.cs", "src/House/B.cs", "src/House/C.cs"], circle.Nodes);
        Assert.Contains("src/House/B.cs -> src/House/C.cs: C, C.N", circle.Describe());
    }

    [Fact]
    public void Files_that_use_each_other_one_way_form_none() =>
        Assert.Empty(FileCircles(
            ("src/House/A.cs", "class A { B? b; C? c; }"),
            ("src/House/B.cs", "class B { C? c; }"),
            ("src/House/C.cs", "/// <summary><see cref=\"A\"/></summary>\nclass C;")));

    [Fact]
    public void Members_of_a_type_that_is_not_named_make_arrows()
    {
        var circle = Assert.Single(FileCircles(
            ("src/House/A.cs", "class A { public int Size; int M(C c) => c.GetHashCode(); }"),
            ("src/House/B.cs", "class B { public A Get() => new(); }"),
            ("src/House/C.cs", "class C { int M(B b) => b.Get().Size; }")));
        Assert.Contains("src/House/C.cs -> src/House/A.cs: A.Size", circle.Describe());
    }

    [Fact]
    public void Parts_of_a_type_count_as_one_file() =>
        Assert.Empty(FileCircles(
            ("src/House/A.cs", "partial class A { B? b; }"),
            ("src/House/A.More.cs", "partial class A { void M() => N(); class B; }"),
            ("src/House/A.Rest.cs", "partial class A { void N() => M(); }")));

    [Fact]
    public void Folders_form_a_circle_through_different_files()
    {
        var circle = Assert.Single(FolderCircles(
            ("src/House/Attic/A.cs", "class A { C? c; }"),
            ("src/House/Attic/B.cs", "class B;"),
            ("src/House/Cellar/C.cs", "class C;"),
            ("src/House/Cellar/D.cs", "class D { B? b; }")));
        Assert.Equal(["House/Attic", "House/Cellar"], circle.Nodes);
        Assert.Contains("src/House/Cellar/D.cs -> src/House/Attic/B.cs: B", circle.Describe());
    }

    [Fact]
    public void A_folder_and_the_one_below_it_form_a_circle()
    {
        var circle = Assert.Single(FolderCircles(
            ("src/House/Program.cs", "class Program { A? a; }"),
            ("src/House/ExitCodes.cs", "static class ExitCodes { public const int Done = 0; }"),
            ("src/House/Attic/A.cs", "class A { int Code => ExitCodes.Done; }")));
        Assert.Equal(["House", "House/Attic"], circle.Nodes);
    }

    [Fact]
    public void Folders_that_use_each_other_one_way_form_none() =>
        Assert.Empty(FolderCircles(
            ("src/House/Program.cs", "class Program { A? a; C? c; }"),
            ("src/House/Attic/A.cs", "class A { B? b; C? c; }"),
            ("src/House/Attic/B.cs", "class B { A? a; }"),
            ("src/House/Cellar/C.cs", "class C;")));

    [Fact]
    public void The_lightest_cut_opens_a_circle_where_fewest_files_change()
    {
        var circle = Assert.Single(FolderCircles(
            ("src/House/Attic/A.cs", "class A { C? c; }"),
            ("src/House/Attic/B.cs", "class B { C? c; }"),
            ("src/House/Cellar/C.cs", "class C { A? a; }")));
        var cut = Assert.Single(LightestCut.Of(circle));
        Assert.Equal(("House/Cellar", "House/Attic"), (cut.From, cut.To));
    }

    [Fact]
    public void Razor_components_and_classes_form_circles()
    {
        var component = new RazorFile(
            "src/House/Page.razor",
            """
            @inject Shop Shop
            @* Cellar *@
            <p title="Attic">Cellar</p>
            <Part Value="@Attic.Size" />
            @code { private RenderFragment Row => @<p>@Text.Length</p>; }
            """,
            "@using Rooms",
            "House");
        var arrows = new ArrowReader(
            SourceCode.Compile(
            [
                (component.Path, component.Declaration),
                ("src/House/Part.razor", new RazorFile("src/House/Part.razor", "", "", "House").Declaration),
                ("src/House/Shop.cs", "namespace Rooms; class Shop { House.Page? page; }"),
                ("src/House/Attic.cs", "namespace Rooms; static class Attic { public static int Size => 1; }"),
                ("src/House/Cellar.cs", "namespace Rooms; class Cellar;"),
                ("src/House/Text.cs", "namespace Elsewhere; class Text;"),
            ]),
            [component]).Arrows;
        Assert.Equal(
            ["src/House/Attic.cs", "src/House/Part.razor", "src/House/Shop.cs"],
            arrows.Where(arrow => arrow.From == component.Path).Select(arrow => arrow.To));
        Assert.Equal(["src/House/Page.razor", "src/House/Shop.cs"], Assert.Single(Circles.Find(arrows, file => file)).Nodes);
    }

    private static IReadOnlyList<Circle> FileCircles(params (string Path, string Text)[] files)
    {
        var compilation = SourceCode.Compile(files);
        return Circles.Find(Read(compilation), new PartialTypes(compilation).FileOf);
    }

    private static IReadOnlyList<Circle> FolderCircles(params (string Path, string Text)[] files) =>
        SourceCircles.OfFolders(Read(SourceCode.Compile(files)), Projects);

    private static IReadOnlyList<Arrow> Read(CSharpCompilation compilation) => new ArrowReader(compilation, []).Arrows;
}
