delete from copies where source = :source
